"""Who of the staff read what two people said to each other."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from core import audit
from core.models import AuditEntry
from moderation.models import Case
from moderation.targets import reading_noted_as

ONE_READING = timedelta(minutes=10)  # a page that is opened again within it is the same reading


def note_reading(*, case: Case, reader: User) -> None:
    """Write down that this colleague reads the case, where its kind of subject asks for that (`targets.register`)."""
    action = reading_noted_as(case.target_kind)
    if not action:
        return
    now = timezone.now()
    noted = AuditEntry.objects.filter(
        target_kind="case", target_id=str(case.pk), action=action, actor_id=reader.pk, at__gt=now - ONE_READING
    )
    if not noted.exists():
        audit.record(
            action=action,
            target_kind="case",
            target_id=case.pk,
            actor=reader,
            after={"number": case.number, "target": f"{case.target_kind}:{case.target_id}"},
        )
