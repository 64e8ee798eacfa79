"""Which weights rank: those in force, and those that a cursor or a sample names."""

from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet

from core.errors import NotFound
from feeds.models import RankingWeights
from feeds.ranking import Weights
from feeds.states import WeightsState

_IN_FORCE, _NUMBERED = "feeds:weights", "feeds:weights:{}"
KEPT_FOR = 60  # seconds; whoever puts others in force forgets these at once
BUILT_IN = Weights()  # version 0: where no row is in force


def weights_in_force() -> Weights:
    """What feeds and search rank by now. No query while the cache is warm."""
    kept = cache.get(_IN_FORCE)
    if kept is None:
        row = RankingWeights.objects.filter(state=WeightsState.ACTIVE).first()
        kept = BUILT_IN if row is None else weights_of(row)
        cache.set(_IN_FORCE, kept, KEPT_FOR)
    return kept


def weights_numbered(version: int) -> Weights | None:
    """A version that is or was in force, for whoever goes on reading a list that it ordered; None for any other number."""
    now = weights_in_force()
    if version in (now.version, BUILT_IN.version):
        return now if version == now.version else BUILT_IN
    kept = cache.get(_NUMBERED.format(version))
    if kept is None:
        row = RankingWeights.objects.filter(version=version, active_from__isnull=False).first()
        if row is None:
            return None
        kept = weights_of(row)
        cache.set(_NUMBERED.format(version), kept, KEPT_FOR)
    return kept


def forget_weights() -> None:
    """After others came into force."""
    cache.delete(_IN_FORCE)


def weights_of(row: RankingWeights) -> Weights:
    """The numbers of a version. A name that this program no longer knows is passed over, a new one has its default."""
    return Weights(version=row.version, **{name: float(row.values.get(name, n)) for name, n in BUILT_IN.values.items()})


def weights_versions() -> QuerySet[RankingWeights]:
    """All versions with their authors, the newest first."""
    return RankingWeights.objects.select_related("author").order_by("-version")


def weights_with_id(pk: Any) -> RankingWeights:
    """Raises NotFound."""
    row = weights_versions().filter(pk=pk).first()
    if row is None:
        raise NotFound
    return row
