"""Why somebody of the staff looks at what is private: said first, kept in the audit log, good for a quarter of an hour."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import Invalid
from core.models import AuditEntry

LEAST = 15  # characters: enough for "complaint by mail", too many for "x"
GOOD_FOR = timedelta(minutes=15)


class ReasonTooShort(Invalid):
    code = "core.reason_too_short"
    attr = "reason"
    detail = _("Say why in at least {least} characters. It is kept in the audit log.")


def give_reason(*, person: Any, scope: str, reason: str) -> None:
    """Keep why a colleague looks at things of this scope ("messaging.reading", …) from now on.

    Raises:
        ReasonTooShort.
    """
    reason = " ".join(reason.split())
    if len(reason) < LEAST:
        raise ReasonTooShort(least=LEAST)
    audit.record(action=f"{scope}_reason_given", target_kind="person", target_id=person.pk, actor=person, reason=reason)


def reason_of(person: Any, scope: str) -> str:
    """The reason that the person gave within `GOOD_FOR`; "" where none stands."""
    since = timezone.now() - GOOD_FOR
    given = AuditEntry.objects.filter(
        action=f"{scope}_reason_given", target_kind="person", target_id=str(person.pk), actor_id=person.pk, at__gt=since
    )
    return given.order_by("-id").values_list("reason", flat=True).first() or ""
