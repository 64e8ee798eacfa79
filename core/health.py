"""Is it alive, and can it serve? `/healthz` asks nothing of others; `/readyz` asks the parts that requests need."""

from collections.abc import Callable
from datetime import timedelta

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from redis.exceptions import RedisError

from core.models import Heartbeat

SILENT_AFTER = timedelta(minutes=2)
_migrated = False
_parts: dict[str, Callable[[], str]] = {}


def register_part(name: str, ask: Callable[[], str]) -> None:
    """An app's own part of `/readyz`: it answers "ok" or a word for what is wrong, cheaply, for it is asked often."""
    _parts[name] = ask


def beat_heart(name: str) -> None:
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": timezone.now()})


def healthz(_request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when pages and the API can be served. Redis, the workers and the apps' own parts are reported, and only degrade it."""
    parts = {"database": _database(), "redis": _redis(), "relay": "unknown", "worker": "unknown"}
    ready = parts["database"] == "ok"
    if ready:
        parts.update(_hearts())
        parts.update({name: ask() for name, ask in _parts.items()})
    degraded = any(v != "ok" for v in parts.values())
    status = "unavailable" if not ready else "degraded" if degraded else "ok"
    return JsonResponse({"status": status, "parts": parts}, status=200 if ready else 503)


def _database() -> str:
    global _migrated  # noqa: PLW0603 - once migrated, this process need not look again
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _migrated:
            executor = MigrationExecutor(connection)
            _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "down"
    return "ok" if _migrated else "not migrated"


def _redis() -> str:
    try:
        cache._cache.get_client(None).ping()  # type: ignore[attr-defined]
    except (RedisError, OSError):
        return "down"
    return "ok"


def _hearts() -> dict[str, str]:
    seen = dict(Heartbeat.objects.values_list("name", "beat_at"))
    now = timezone.now()
    return {
        name: "unknown" if name not in seen else "ok" if now - seen[name] < SILENT_AFTER else "silent"
        for name in ("relay", "worker")
    }
