"""One case, the decisions about its subject, and what else is known of its person."""

import uuid

from django.contrib.auth.models import Permission
from django.db.models import Count, Prefetch, Q, QuerySet

from accounts.models import Device, Session, User
from core.errors import NotFound
from core.models import AuditEntry
from moderation.models import Case, Decision
from moderation.targets import ACCOUNT


def case_with_id(case_id: uuid.UUID) -> Case:
    """Raises NotFound."""
    case = Case.objects.select_related("author", "claimed_by").filter(pk=case_id).first()
    if case is None:
        raise NotFound
    return case


def decision_with_id(decision_id: uuid.UUID) -> Decision:
    """Raises NotFound."""
    decision = (
        Decision.objects.select_related("case", "case__author", "policy", "actor", "undone_by")
        .filter(pk=decision_id)
        .first()
    )
    if decision is None:
        raise NotFound
    return decision


def standing_decisions_after(decision: Decision, case: Case) -> QuerySet[Decision]:
    """Later decisions about the same subject that still hold."""
    return Decision.objects.filter(
        case__target_kind=case.target_kind,
        case__target_id=case.target_id,
        undone_at=None,
        made_at__gt=decision.made_at,
    ).exclude(pk=decision.pk)


def standing_suspensions(user_id: uuid.UUID) -> QuerySet[Decision]:
    """Decisions that suspended this person and were not undone, latest first."""
    return Decision.objects.filter(
        case__target_kind=ACCOUNT,
        case__target_id=user_id,
        outcome__in=("suspend", "suspend_until_lifted"),
        undone_at=None,
    ).order_by("-made_at")


def other_cases(case: Case, *, limit: int = 5) -> list[Case]:
    """The last cases about the same person, each with `last_decision` (a list of at most one)."""
    standing = Decision.objects.filter(undone_at=None, actor__isnull=False).order_by("-made_at")
    others = Case.objects.filter(author=case.author_id).exclude(pk=case.pk).order_by("-id")
    return list(others.prefetch_related(Prefetch("decisions", queryset=standing, to_attr="last_decision"))[:limit])


def record_of(person_id: uuid.UUID, *, besides: Case) -> tuple[int, int]:
    """How many other cases there were about this person, and how many decisions in them stand against the person."""
    counts = (
        Case.objects.filter(author=person_id)
        .exclude(pk=besides.pk)
        .aggregate(
            cases=Count("pk", distinct=True),
            upheld=Count("decisions", filter=Q(decisions__upheld=True, decisions__undone_at=None), distinct=True),
        )
    )
    return counts["cases"], counts["upheld"]


def accounts_on_same_devices(person: User) -> set[uuid.UUID]:
    """Other accounts that signed in from a device of this person's."""
    ids = {*person.devices.values_list("device_id", flat=True), *person.sessions.values_list("device_id", flat=True)}
    ids.discard("")
    if not ids:
        return set()
    return {
        *Device.objects.filter(device_id__in=ids).exclude(user=person).values_list("user_id", flat=True),
        *Session.objects.filter(device_id__in=ids)
        .exclude(device_id="")
        .exclude(user=person)
        .values_list("user_id", flat=True),
    }


def logged_about(case: Case) -> QuerySet[AuditEntry]:
    """What the audit log holds of a case, oldest first."""
    return AuditEntry.objects.filter(target_kind="case", target_id=str(case.pk)).order_by("id")


def colleagues_of(moderator: User) -> QuerySet[User]:
    """Who else may decide cases, by name."""
    permission = {"codename": "decide_case", "content_type__app_label": "moderation"}
    may = Permission.objects.filter(**permission)
    return (
        User.objects.filter(is_active=True, is_staff=True)
        .filter(Q(is_superuser=True) | Q(groups__permissions__in=may) | Q(user_permissions__in=may))
        .exclude(pk=moderator.pk)
        .order_by("username")
        .distinct()
    )
