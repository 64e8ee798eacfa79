"""A sample of what the formula showed and what stood next in line: laid into Redis by the read, written down by a job.

No read writes a row, and none fails because Redis is away. Nobody can tell from a sample who looked: it has no person, its time is
cut to the minute, and its distances count from the middle of a cell about a kilometre across, whatever place the reader sent.
"""

import random
import uuid
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.models import User
from core.geo import LatLng, cell_centre
from feeds.models import Impression
from feeds.ranking import Facts
from feeds.selectors import Ranked
from feeds.selectors.pages import RankedRow

log = structlog.get_logger(__name__)

READER_RESOLUTION = 8  # H3 cells of about 0.7 km2, 1 km across: where a sample's distances count from
MOST_WAITING = 5_000  # samples in Redis; older ones fall out when no job fetches them
FLUSH_BATCH = 100
FORGET_BATCH = 5_000
_WAITING = "feeds:impressions"
_DIGITS = {"age_hours": 2, "text": 3, "seller_days": 1, "metres": -1, "rating": 2}
_DEFAULTS = {field.name: field.default for field in fields(Facts)}


def is_sampled() -> bool:
    """Whether this look is one of the few that are noted (`RANKING_SAMPLE`)."""
    share: float = settings.RANKING_SAMPLE
    return share > 0 and random.random() < share  # noqa: S311 - a sample, no secret


def note_impressions(*, feed: str, page_size: int, ranked: Ranked, place: LatLng | None) -> None:
    """Note how a first page of `page_size` was chosen: `ranked.ahead`, in its order. Without Redis nothing is noted.

    `place` is where the reader looked from, which is not kept.
    """
    if not ranked.ahead:
        return
    coarse = cell_centre(place.cell(READER_RESOLUTION)) if place is not None else None
    sample = {
        "sample": str(uuid.uuid4()),  # no version 7: the moment is cut to the minute
        "at": ranked.as_of.replace(second=0, microsecond=0).timestamp(),
        "feed": feed,
        "version": ranked.weights.version,
        "page_size": page_size,
        "rows": [
            [str(row.product_id), str(row.seller_id), _text(row.neighborhood_id), row.seller_tier, _facts(row, coarse)]
            for row in ranked.ahead
        ],
    }
    try:
        pipe = _redis().pipeline(transaction=False)
        pipe.rpush(_WAITING, orjson.dumps(sample))
        pipe.ltrim(_WAITING, -MOST_WAITING, -1)
        pipe.execute()
    except (RedisError, OSError) as error:
        log.warning("impressions_not_noted", error=repr(error))


def flush_impressions() -> int:
    """Write down the samples that wait in Redis, and return how many rows that made. A worker that dies meanwhile loses a batch."""
    written = 0
    while True:
        try:
            batch = _redis().lpop(_WAITING, FLUSH_BATCH) or []
        except (RedisError, OSError) as error:
            log.warning("impressions_not_flushed", error=repr(error))
            return written
        written += _write([orjson.loads(one) for one in batch])
        if len(batch) < FLUSH_BATCH:
            return written


def forget_old_impressions() -> int:
    """Delete a batch of what is older than `RANKING_SAMPLES_KEPT`, and return how many rows that were."""
    oldest = timezone.now() - settings.RANKING_SAMPLES_KEPT
    ids = list(Impression.objects.filter(at__lt=oldest).values_list("pk", flat=True)[:FORGET_BATCH])
    return Impression.objects.filter(pk__in=ids).delete()[0]


def erase_impressions(user: User) -> dict[str, int]:
    """What was shown of a person's listings goes with them. What they looked at themselves was never known."""
    return {"impressions": Impression.objects.filter(seller_id=user.pk).delete()[0]}


@transaction.atomic
def _write(samples: list[dict[str, Any]]) -> int:
    sellers = {row[1] for sample in samples for row in sample["rows"]}
    gone = {str(pk) for pk in User.objects.filter(pk__in=sellers, erased_at__isnull=False).values_list("pk", flat=True)}
    rows = [
        Impression(
            sample=sample["sample"],
            at=datetime.fromtimestamp(sample["at"], UTC),
            feed=sample["feed"],
            version=sample["version"],
            page_size=sample["page_size"],
            position=position,
            product_id=product,
            seller_id=seller,
            neighborhood_id=neighborhood,
            seller_tier=tier,
            facts=facts,
        )
        for sample in samples
        for position, (product, seller, neighborhood, tier, facts) in enumerate(sample["rows"], start=1)
        if seller not in gone
    ]
    return len(Impression.objects.bulk_create(rows, batch_size=1000))


def _facts(row: RankedRow, coarse: LatLng | None) -> dict[str, Any]:
    """What is not a default, in few digits; the distance from the coarse place."""
    found = {name: getattr(row.facts, name) for name in _DEFAULTS}
    if found["metres"] is not None:
        found["metres"] = coarse.metres_to(row.place) if coarse is not None and row.place is not None else None
    return {
        name: round(value, _DIGITS[name]) if name in _DIGITS else value
        for name, value in found.items()
        if value is not None and value != _DEFAULTS[name]
    }


def _text(pk: uuid.UUID | None) -> str | None:
    return None if pk is None else str(pk)


def _redis() -> Any:
    return cache._cache.get_client(None, write=True)  # type: ignore[attr-defined]
