"""What people look for, counted so that nobody can stuff the box: in Redis by day, written down by a job.

A person (or, signed out, a network) counts once a week for each search, and with so many different searches a day at most. What gives
away contact details or abuses is never counted. A search becomes popular when enough people made it and a stranger finds something.
"""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.models import User
from moderation import scanner
from moderation.selectors import filters_in_use
from places.models import Neighborhood
from search.errors import QueryTooShort
from search.models import PopularSearch
from search.rules import SHORTEST_SUGGESTED, folded, read_words, tidy
from search.selectors import finds_something

log = structlog.get_logger(__name__)

DAYS = 7  # the specification, 2.4
HALF_LIFE = 2.0  # days: an older search counts half
MOST_A_DAY = 30  # different searches of one person that count
STRANGER = 0.5  # what somebody without an account counts
KEPT = 100  # popular searches of a scope
CHECKED = 150  # candidates of a scope that are tried out
EVERYWHERE = "all"
_SECONDS = DAYS * 86400


def track_search(*, q: str, user: User | None, address: str | None, neighborhood: Neighborhood | None = None) -> bool:
    """Count a search, everywhere and in a neighbourhood; say whether it counted. Without Redis nothing does.

    Raises:
        QueryTooShort, QueryTooLong, TooManyWords, QueryNotText.
    """
    said = tidy(q).lower()
    words = read_words(q)
    key = folded(said)
    if len(key) < SHORTEST_SUGGESTED:
        raise QueryTooShort(limit=SHORTEST_SUGGESTED)
    if not words or scanner.read(q, terms=filters_in_use().terms):
        return False
    who = _who(user, address)
    today = timezone.now().date()
    scopes = [EVERYWHERE, *([str(neighborhood.pk)] if neighborhood else [])]
    try:
        redis = _redis()
        if not redis.set(f"search:told:{who}:{_digest(key)}", 1, nx=True, ex=_SECONDS):
            return False
        busy = f"search:busy:{who}:{today}"
        if redis.incr(busy) > MOST_A_DAY:
            return False
        redis.expire(busy, 86400)
        for scope in scopes:
            name = _day(scope, today)
            redis.zincrby(name, 1 if user else STRANGER, said)
            redis.expire(name, _SECONDS + 86400)
        redis.sadd(_scopes(today), *scopes)
        redis.expire(_scopes(today), _SECONDS + 86400)
    except (RedisError, OSError) as error:
        log.warning("search_not_counted", error=repr(error))
        return False
    return True


def count_popular() -> int:
    """Write down what is popular now, everywhere and in each neighbourhood, and return how many searches are.

    Tries each candidate out as a stranger, so that nothing hidden is suggested. What staff hid stays hidden. Without Redis what is
    written stays as it is.
    """
    now = timezone.now()
    days = [now.date() - timedelta(days=n) for n in range(DAYS)]
    try:
        redis = _redis()
        scopes = {scope.decode() for day in days for scope in redis.smembers(_scopes(day))}
        tallies = {
            scope: [(day, redis.zrevrange(_day(scope, day), 0, 999, withscores=True)) for day in days]
            for scope in scopes
        }
    except (RedisError, OSError) as error:
        log.warning("popular_not_counted", error=repr(error))
        return 0
    alive = {str(pk) for pk in Neighborhood.objects.filter(is_active=True).values_list("pk", flat=True)}
    found = {
        scope: _most_popular(tally, now.date())
        for scope, tally in tallies.items()
        if scope == EVERYWHERE or scope in alive
    }
    _write({None if scope == EVERYWHERE else uuid.UUID(scope): rows for scope, rows in found.items()})
    return sum(map(len, found.values()))


@dataclass
class _Candidate:
    said: dict[str, float]
    score: float = 0.0
    people: float = 0.0


def _most_popular(tally: Iterable[tuple[date, list[tuple[bytes, float]]]], today: date) -> list[tuple[str, str, float]]:
    """(As it is mostly typed, folded, score), the most popular first."""
    candidates: dict[str, _Candidate] = {}
    for day, counted in tally:
        fading = 0.5 ** ((today - day).days / HALF_LIFE)
        for raw, people in counted:
            said = raw.decode()
            one = candidates.setdefault(folded(said), _Candidate({}))
            one.said[said] = one.said.get(said, 0) + people
            one.people += people
            one.score += people * fading
    enough = [(key, one) for key, one in candidates.items() if one.people >= settings.SEARCH_POPULAR_PEOPLE]
    enough.sort(key=lambda pair: (-pair[1].score, pair[0]))
    rows: list[tuple[str, str, float]] = []
    for key, one in enough[:CHECKED]:
        said = max(one.said, key=lambda text: (one.said[text], text))
        if len(rows) < KEPT and finds_something(said):
            rows.append((said, key, one.score))
    return rows


@transaction.atomic
def _write(found: dict[uuid.UUID | None, list[tuple[str, str, float]]]) -> None:
    now = timezone.now()
    PopularSearch.objects.filter(is_hidden=False).delete()
    hidden = set(PopularSearch.objects.filter(is_hidden=True).values_list("neighborhood_id", "folded"))
    PopularSearch.objects.bulk_create(
        PopularSearch(neighborhood_id=scope, q=said, folded=key, score=score, counted_at=now)
        for scope, rows in found.items()
        for said, key, score in rows
        if (scope, key) not in hidden and (None, key) not in hidden
    )


def _who(user: User | None, address: str | None) -> str:
    """A person; or the network of an address, since one machine has many addresses. Never the address itself."""
    if user is not None:
        return str(user.pk)
    if not address:
        return "?"
    network = ip_network(f"{address}/{24 if ip_address(address).version == 4 else 48}", strict=False)
    return _digest(f"{settings.SECRET_KEY}{network}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _day(scope: str, day: date) -> str:
    return f"search:asked:{scope}:{day}"


def _scopes(day: date) -> str:
    return f"search:scopes:{day}"


def _redis() -> Any:
    return cache._cache.get_client(None, write=True)  # type: ignore[attr-defined]
