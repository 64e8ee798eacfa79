"""Restrictions: what somebody may not do for a while. Moderation decides, this writes it down."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import selectors
from accounts.events import PersonRestricted, RestrictionLifted
from accounts.models import Restriction, User
from accounts.states import RestrictionKind
from core.events import publish
from core.realtime.telling import recheck_person
from core.sweeps import each


@transaction.atomic
def restrict_person(
    *,
    user: User,
    kind: str,
    reason_en: str,
    reason_ar: str,
    ends_at: datetime | None = None,
    case_id: uuid.UUID | None = None,
) -> Restriction:
    """Put a restriction in force until `ends_at`, or until it is lifted.

    `account` suspends the person and hides what they sell, `sell` hides it; several may overlap and each ends by itself. Sessions
    stay: the person must be able to read the notice. Publishes PersonRestricted. Sockets look again at once.
    """
    person = _locked(user.pk)
    restriction = Restriction.objects.create(
        user=person,
        kind=RestrictionKind(kind),
        reason_en=reason_en,
        reason_ar=reason_ar,
        ends_at=ends_at,
        case_id=case_id,
    )
    _keep_true(person, user)
    publish(PersonRestricted(user_id=person.pk, restriction_id=restriction.pk))
    recheck_person(person.pk)
    return restriction


@transaction.atomic
def lift_restriction(*, restriction: Restriction) -> Restriction:
    """End a restriction now; one that is lifted already stays as it is. Publishes RestrictionLifted."""
    person = _locked(restriction.user_id)
    row = Restriction.objects.select_for_update(of=("self",)).get(pk=restriction.pk)
    if row.lifted_at is None:
        row.lifted_at = timezone.now()
        row.save(update_fields=["lifted_at"])
        _keep_true(person)
        publish(RestrictionLifted(user_id=person.pk, restriction_id=row.pk))
    restriction.lifted_at = row.lifted_at
    return row


def lift_run_out_restrictions(*, limit: int = 500) -> int:
    """Lift those whose end has come, each in a transaction of its own; return how many."""
    due = list(selectors.restrictions_run_out(timezone.now())[:limit])
    return each(due, lambda restriction: lift_restriction(restriction=restriction).lifted_at is not None)


def _locked(user_id: uuid.UUID) -> User:
    return User.objects.select_for_update(of=("self",), no_key=True).get(pk=user_id)


def _keep_true(person: User, callers_copy: User | None = None) -> None:
    """Set the two dates on the person that everybody reads from the restrictions that are in force."""
    open_ones = list(selectors.restrictions_in_force(person))
    account = [r.starts_at for r in open_ones if r.kind == RestrictionKind.ACCOUNT]
    hiding = [r.starts_at for r in open_ones if r.kind in (RestrictionKind.ACCOUNT, RestrictionKind.SELL)]
    person.suspended_at = min(account, default=None)
    person.listings_hidden_at = min(hiding, default=None)
    person.save(update_fields=["suspended_at", "listings_hidden_at", "updated_at"])
    if callers_copy is not None:
        callers_copy.suspended_at, callers_copy.listings_hidden_at = person.suspended_at, person.listings_hidden_at
