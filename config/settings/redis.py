"""Redis, and what stands in it: the cache and the sockets' news."""

import os
from urllib.parse import urlsplit

from config.settings.environment import env

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379")
# Tests that run in parallel clear their cache, so each worker has databases of its own.
REDIS_FIRST_DB = env.int("REDIS_FIRST_DB", default=0) + 4 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])


def redis_url(db: int, *, for_celery: bool = False) -> str:
    """The address of one of our Redis databases, over TCP or a unix socket."""
    number = REDIS_FIRST_DB + db
    parts = urlsplit(REDIS_URL)
    if parts.scheme == "unix":
        return (
            f"redis+socket://{parts.path}?virtual_host={number}" if for_celery else f"unix://{parts.path}?db={number}"
        )
    return f"{REDIS_URL.rstrip('/')}/{number}"


CACHES = {
    "default": {
        "BACKEND": "core.cache.ForgivingRedisCache",
        "LOCATION": redis_url(1),
        "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2},
    }
}

REALTIME_REDIS_URL = redis_url(2)
REALTIME_PREFIX = (
    f"souk:{REDIS_FIRST_DB}:"  # of channels, which belong to no database: two copies on one Redis stay apart
)
REALTIME = {
    "sockets_per_person": env.int("SOCKETS_PER_PERSON", default=5),
    "frames_per_minute": env.int("SOCKET_FRAMES_PER_MINUTE", default=300),  # that one socket may send
    "frame_bytes": 64 * 1024,  # of one that comes in; uvicorn itself cuts off at twice that (1009)
    "rooms_per_socket": 50,
    "heartbeat_seconds": 25,  # clients ping this often; below the usual 30 s after which phone networks forget a line
    "silent_seconds": 70,  # nothing heard for so long: two pings are missing
    "recheck_seconds": 60,  # whether the sign-in still stands; at once when somebody says so
    "left_after_seconds": 10,  # a page that is loaded again is nobody's leaving
    "waiting_frames": 1000,  # not yet taken by a slow reader; beyond it the socket is dropped
    "waiting_bytes": 1024 * 1024,
    "stalled_seconds": 20,  # one frame not taken for so long: dropped too
    "threads": 8,  # for the database, per process; its pool has ten connections
}
# Django Channels' layer carries nothing of ours (docs/adr/0010). It stands here for what third parties may bring along.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": redis_url(2), "socket_timeout": None}], "prefix": f"{REALTIME_PREFIX}layer"},
    }
}
