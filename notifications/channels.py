"""The ways out of the house: SMS and push behind one small interface each; mail goes through Django.

In development all of them end in the `DevMessage` table, which `/dev/outbox/` shows.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import requests
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.module_loading import import_string

from notifications.models import DevMessage
from notifications.states import SendChannel

TIMEOUT = 10  # seconds


class ChannelFailed(Exception):  # noqa: N818
    """The provider did not take it; trying again later may help."""


class Sms(Protocol):
    def send(self, *, to: str, text: str) -> None: ...


class Push(Protocol):
    def send(self, *, token: str, title: str, body: str, facts: dict[str, Any]) -> None: ...


def sms() -> Sms:
    return import_string(settings.SMS_BACKEND)()


def push() -> Push:
    return import_string(settings.PUSH_BACKEND)()


class DevOutboxEmailBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            for address in message.recipients():
                DevMessage.objects.create(
                    channel=SendChannel.EMAIL, to=address, subject=str(message.subject), body=str(message.body)
                )
        return len(email_messages)


class DevOutboxSms:
    def send(self, *, to: str, text: str) -> None:
        DevMessage.objects.create(channel=SendChannel.SMS, to=to, body=text)


class DevOutboxPush:
    def send(self, *, token: str, title: str, body: str, facts: dict[str, Any]) -> None:
        DevMessage.objects.create(channel=SendChannel.PUSH, to=token[:254], subject=title, body=body)


class NoPush:
    """No push provider is set up: people still have the list and their mail."""

    def send(self, *, token: str, title: str, body: str, facts: dict[str, Any]) -> None:
        return


class TwilioSms:
    """Twilio's Messages resource (twilio.com/docs/messaging/api/message-resource)."""

    def send(self, *, to: str, text: str) -> None:
        account = settings.TWILIO_ACCOUNT_SID
        try:
            answer = requests.post(
                f"{settings.TWILIO_API_BASE}/2010-04-01/Accounts/{account}/Messages.json",
                data={"To": to, "From": settings.TWILIO_FROM, "Body": text},
                auth=(account, settings.TWILIO_AUTH_TOKEN),
                timeout=TIMEOUT,
            )
        except requests.RequestException as error:
            raise ChannelFailed(type(error).__name__) from error
        if not answer.ok:
            msg = f"Twilio answered {answer.status_code}"
            raise ChannelFailed(msg)
