"""Out of the house: mail, push and codes."""

from datetime import timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.events import CodeRequested
from accounts.selectors import challenge_message
from core.events import starts_job
from notifications import channels
from notifications.events import NotificationCreated
from notifications.sending import send_mail, send_waiting


@starts_job(NotificationCreated)
def send_notification_through_its_channels(news: NotificationCreated) -> None:
    send_waiting(news.notification_id)


@starts_job(CodeRequested, lease=timedelta(seconds=30))
def send_code_or_link(news: CodeRequested) -> None:
    """The code is derived again here: it was never stored nor queued."""
    message = challenge_message(news.challenge_id)
    if message is None:  # used or expired meanwhile, or nobody has this identifier
        return
    with translation.override(message.language):
        code = _("{code} is your Souk Loop code").format(code=message.code)
        subject = _("Choose a new password") if message.link else code
        if message.channel == "sms":
            text = message.link or _(
                "{code} is your Souk Loop code. It works for {minutes} minutes. Do not pass it on."
            )
            channels.sms().send(to=message.to, text=text.format(code=message.code, minutes=message.minutes))
            return
        send_mail(
            to=message.to,
            language=message.language,
            subject=subject,
            template="code",
            context={"code": message.code, "link": message.link, "minutes": message.minutes},
        )
