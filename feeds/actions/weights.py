"""What staff does with the weights of the ranking. Versions are only ever added; everything stands in the audit log."""

import uuid

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from core import audit
from core.errors import NotAllowed, NotFound
from core.states import move
from feeds.models import RankingWeights
from feeds.rules import check_weights
from feeds.selectors import forget_weights
from feeds.states import WEIGHTS_MOVES, WeightsState

WEIGHTS_LOCK = 0x5011_0401  # one hand at the versions at a time: each has a number, one is in force


@transaction.atomic
def propose_weights(*, staff: User, values: dict[str, float], note: str) -> RankingWeights:
    """Add a version that ranks nothing yet. A name that is left out has the program's default.

    Raises:
        NotAllowed, UnknownWeight, WeightOutOfRange, NothingWeighs.
    """
    _check(staff, "feeds.add_rankingweights")
    whole = check_weights(values)
    _lock()
    newest = RankingWeights.objects.aggregate(n=Max("version"))["n"] or 0
    row = RankingWeights.objects.create(version=newest + 1, values=whole, note=note, author=staff)
    audit.record(
        action="feeds.weights_proposed",
        target_kind="ranking_weights",
        target_id=row.pk,
        actor=staff,
        reason=note,
        after={"version": row.version, **whole},
    )
    return row


@transaction.atomic
def put_weights_in_force(*, staff: User, weights_id: uuid.UUID, reason: str) -> RankingWeights:
    """Feeds and search rank by this version from now on; the one before is retired.

    Raises:
        NotAllowed, NotFound.
        WrongState: it was in force already, or was discarded: propose its numbers again.
    """
    _check(staff, "feeds.activate_rankingweights")
    row = _locked(weights_id)
    now = timezone.now()
    before = (
        RankingWeights.objects.select_for_update(of=("self",), no_key=True).filter(state=WeightsState.ACTIVE).first()
    )
    if before is not None and before.pk != row.pk:
        move(before, WeightsState.RETIRED, WEIGHTS_MOVES, active_until=now)
    move(row, WeightsState.ACTIVE, WEIGHTS_MOVES, active_from=now)
    audit.record(
        action="feeds.weights_put_in_force",
        target_kind="ranking_weights",
        target_id=row.pk,
        actor=staff,
        reason=reason,
        before={"version": before.version, **before.values} if before is not None else None,
        after={"version": row.version, **row.values},
    )
    transaction.on_commit(forget_weights)
    return row


@transaction.atomic
def discard_weights(*, staff: User, weights_id: uuid.UUID, reason: str) -> RankingWeights:
    """A proposal comes to nothing. It stays to be read.

    Raises:
        NotAllowed, NotFound, WrongState.
    """
    _check(staff, "feeds.activate_rankingweights")
    row = _locked(weights_id)
    move(row, WeightsState.DISCARDED, WEIGHTS_MOVES)
    audit.record(
        action="feeds.weights_discarded",
        target_kind="ranking_weights",
        target_id=row.pk,
        actor=staff,
        reason=reason,
        after={"version": row.version},
    )
    return row


def _locked(weights_id: uuid.UUID) -> RankingWeights:
    """Raises NotFound."""
    _lock()
    row = RankingWeights.objects.select_for_update(of=("self",), no_key=True).filter(pk=weights_id).first()
    if row is None:
        raise NotFound
    return row


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WEIGHTS_LOCK])


def _check(staff: User, permission: str) -> None:
    if not staff.has_perm(permission):
        raise NotAllowed
