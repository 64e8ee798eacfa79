"""Rate limits by the generic cell rate algorithm (GCRA): smooth, one number per key.

`take` lives in PostgreSQL and fails closed: for codes, logins and money. `take_if_known` lives in Redis and fails open: for ordinary
requests, which must not stop because a cache does.
"""

import time
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from core.errors import TooMany

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Limit:
    """So many in a period, which may come all at once and then refill evenly."""

    burst: int
    period: float  # seconds

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """Read "3/h", "600/m"."""
        count, _, unit = text.partition("/")
        return cls(int(count), float(_SECONDS[unit]))

    @property
    def spacing(self) -> float:
        return self.period / self.burst


def take(key: str, limit: Limit, *, refusal: type[TooMany] = TooMany) -> None:
    """Count one more for `key`, in PostgreSQL, at once (call it outside a transaction that may roll back).

    Raises:
        TooMany: the limit is reached; nothing was counted. `retry_after` says when one more is free.
    """
    if not settings.RATE_LIMITS_ENABLED:
        return
    now = timezone.now()
    spacing, tolerance = timedelta(seconds=limit.spacing), timedelta(seconds=limit.period - limit.spacing)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO core_ratebucket AS b (key, tat) VALUES (%(key)s, %(now)s::timestamptz + %(spacing)s)
            ON CONFLICT (key) DO UPDATE SET tat = greatest(b.tat, %(now)s::timestamptz) + %(spacing)s
            WHERE greatest(b.tat, %(now)s::timestamptz) - %(now)s::timestamptz <= %(tolerance)s
            RETURNING tat
            """,
            {"key": key, "now": now, "spacing": spacing, "tolerance": tolerance},  # type: ignore[dict-item]
        )
        if cursor.fetchone():
            return
        cursor.execute("SELECT tat FROM core_ratebucket WHERE key = %s", [key])
        (tat,) = cursor.fetchone()
    raise refusal(retry_after=max(1, round((tat - tolerance - now).total_seconds())))


_GCRA = """
local tat = tonumber(redis.call('GET', KEYS[1]) or ARGV[1])
local now, spacing, tolerance = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if tat < now then tat = now end
if tat - now > tolerance then return tostring(tat - tolerance - now) end
redis.call('SET', KEYS[1], tat + spacing, 'PX', math.ceil((tat + spacing - now) * 1000) + 1000)
return '0'
"""


def take_if_known(key: str, limit: Limit, *, refusal: type[TooMany] = TooMany) -> None:
    """Count one more for `key` in Redis. When Redis does not answer, let it pass.

    Raises:
        TooMany: the limit is reached.
    """
    if not settings.RATE_LIMITS_ENABLED:
        return
    now, spacing = time.time(), limit.spacing
    answer = cache.run_script(_GCRA, f"gcra:{key}", now, spacing, limit.period - spacing + 1e-6)  # type: ignore[attr-defined]
    wait = float(answer or 0)
    if wait > 0:
        raise refusal(retry_after=max(1, round(wait)))
