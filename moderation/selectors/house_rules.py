"""The switches of moderation and its policies."""

from contextvars import ContextVar

from django.db.models import QuerySet

from core.context import Trace, trace
from moderation.errors import UnknownPolicy
from moderation.models import ModerationSettings, Policy

_settings: ContextVar[tuple[Trace, ModerationSettings] | None] = ContextVar("moderation_settings", default=None)


def moderation_settings() -> ModerationSettings:
    """The switches as staff set them, read once in a request or delivery."""
    here, kept = trace(), _settings.get()
    if kept is not None and kept[0] is here and here.request_id:
        return kept[1]
    row = ModerationSettings.objects.filter(pk=1).first() or ModerationSettings()
    _settings.set((here, row))
    return row


def forget_settings() -> None:
    """After they changed."""
    _settings.set(None)


def active_policies() -> QuerySet[Policy]:
    return Policy.objects.filter(is_active=True).order_by("number")


def policy_numbered(number: str) -> Policy:
    """Raises UnknownPolicy."""
    policy = active_policies().filter(number=number).first()
    if policy is None:
        raise UnknownPolicy(number=number)
    return policy


def policy_for(slug: str) -> Policy | None:
    """An active policy by its slug."""
    return active_policies().filter(slug=slug).first()
