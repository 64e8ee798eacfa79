"""Carrying a notification out of the house. Called by jobs, outside any transaction."""

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from accounts.selectors import push_devices
from notifications import channels
from notifications.actions import record_sent
from notifications.models import Notification, Send
from notifications.rules import unsubscribe_token
from notifications.selectors import digest_lines
from notifications.states import ALWAYS_MAILED, NotificationKind, SendChannel, SendState
from notifications.words import words_of


def send_waiting(notification_id: uuid.UUID) -> None:
    """Send through every channel that has not taken it yet.

    Raises:
        ChannelFailed, OSError: a provider did not take it; the others' success is recorded and not repeated.
    """
    notification = Notification.objects.select_related("user").filter(pk=notification_id).first()
    if notification is None:
        return
    failed: Exception | None = None
    for send in Send.objects.filter(notification=notification).exclude(state=SendState.SENT):
        try:
            with translation.override(notification.user.language):
                _WAYS[send.channel](notification)
        except (channels.ChannelFailed, OSError) as error:
            record_sent(send=send, error=repr(error))
            failed = error
        else:
            record_sent(send=send)
    if failed:
        raise failed


def send_mail(
    *, to: str, language: str, subject: str, template: str, context: dict[str, Any], unsubscribe_url: str = ""
) -> None:
    """One mail as text and as a plain page, in the active language, with a way out where one is allowed."""
    context = {
        **context,
        "subject": subject,
        "site_url": settings.SITE_URL,
        "direction": "rtl" if language == "ar" else "ltr",
        "language": language,
        "unsubscribe_url": unsubscribe_url,
    }
    headers = {}
    if unsubscribe_url:
        headers = {"List-Unsubscribe": f"<{unsubscribe_url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    text = render_to_string(f"notifications/mail/{template}.txt", context)
    mail = EmailMultiAlternatives(subject, text, to=[to], headers=headers)
    mail.attach_alternative(render_to_string(f"notifications/mail/{template}.html", context), "text/html")
    mail.send()


def _by_mail(notification: Notification) -> None:
    user, words = notification.user, words_of(notification.kind, notification.facts)
    way_out = ""
    if notification.kind not in ALWAYS_MAILED:
        way_out = f"{settings.SITE_URL}/unsubscribe/{unsubscribe_token(user.pk, notification.kind)}"
    send_mail(
        to=str(user.email),
        language=user.language,
        subject=words.title,
        template="digest" if notification.kind == NotificationKind.SEARCH_DIGEST else "notice",
        context={"body": words.body, "url": notification.url, "lines": digest_lines(notification)},
        unsubscribe_url=way_out,
    )


def _by_push(notification: Notification) -> None:
    words = words_of(notification.kind, notification.facts)
    for device in push_devices(notification.user):
        channels.push().send(
            token=device.push_token,
            title=words.title,
            body=words.body,
            facts={"id": str(notification.pk), "kind": notification.kind, "url": notification.url},
        )


_WAYS: dict[str, Callable[[Notification], None]] = {SendChannel.EMAIL: _by_mail, SendChannel.PUSH: _by_push}
