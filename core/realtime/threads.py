"""The way from a socket to the database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, ParamSpec, TypeVar

from channels.db import DatabaseSyncToAsync
from django.conf import settings

P = ParamSpec("P")
R = TypeVar("R")


@cache
def _threads() -> ThreadPoolExecutor:
    """So few threads that the pool of connections always has one for each."""
    return ThreadPoolExecutor(settings.REALTIME["threads"], thread_name_prefix="realtime")


def db(call: Callable[P, R]) -> Callable[P, Any]:
    """`await db(call)(…)` runs it in one of our threads and hands the connection back afterwards.

    The only way to the database from a socket. Channels' own helper runs everything of a process in one thread unless told
    otherwise, and Django's default executor has more threads than the pool has connections.
    """
    return DatabaseSyncToAsync(call, thread_sensitive=False, executor=_threads())
