"""How often listings are looked at: counted in Redis, written down by a job, so that no read writes a row."""

import uuid
from typing import Any

import structlog
from django.core.cache import cache
from django.db import connection
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

FLUSH_LOCK = 0x5011_0201
ONCE_PER = 3600  # seconds: one person's reloads within an hour are one view
_COUNTS, _TAKEN = "catalog:views", "catalog:views:taken"


def record_view(*, product_id: uuid.UUID, viewer: str) -> None:
    """Count one look at a listing by `viewer` (a person's id, or an address), once an hour. Without Redis nothing is counted."""
    try:
        redis = _redis()
        if redis.set(f"catalog:viewed:{product_id}:{viewer}", 1, nx=True, ex=ONCE_PER):
            redis.hincrby(_COUNTS, str(product_id), 1)
    except (RedisError, OSError) as error:
        log.warning("view_not_counted", error=repr(error))


def flush_views() -> int:
    """Add what was counted since the last time to the listings, and return how many listings changed. One flush at a time.

    The counts are renamed first, so that nothing counted meanwhile is lost. A worker that dies between the write and the deletion
    has them added twice: views are no money.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [FLUSH_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        try:
            return _flush()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [FLUSH_LOCK])


def _flush() -> int:
    try:
        redis = _redis()
        if not redis.exists(_TAKEN) and not (redis.exists(_COUNTS) and redis.renamenx(_COUNTS, _TAKEN)):
            return 0
        changed = _add({key.decode(): int(n) for key, n in redis.hgetall(_TAKEN).items()})
        redis.delete(_TAKEN)
    except (RedisError, OSError) as error:
        log.warning("views_not_flushed", error=repr(error))
        return 0
    return changed


def _add(counted: dict[str, int]) -> int:
    if not counted:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE catalog_product p SET view_count = p.view_count + c.n
            FROM unnest(%s::uuid[], %s::int[]) AS c (id, n) WHERE p.id = c.id
            """,
            [list(counted), list(counted.values())],
        )
        return cursor.rowcount


def _redis() -> Any:
    return cache._cache.get_client(None, write=True)  # type: ignore[attr-defined]
