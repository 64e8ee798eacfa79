"""Identifiers that sort by the moment they were made."""

import os
import threading
import time
import uuid

_TICKS = 4096  # in a millisecond: as many as the 12 bits after it can tell apart
_WAITS_FOR = 10 * _TICKS  # a clock that was set back by more is believed

_lock = threading.Lock()
_last = 0


def uuid7() -> uuid.UUID:
    """Return a UUID version 7 (RFC 9562, 5.7): Unix milliseconds, their 4096ths (6.2, method 3), then random bits.

    Those of one process sort in the order in which they were made, so "newest first" by id holds within a millisecond too.
    """
    global _last  # noqa: PLW0603 - the clock of the process
    ticks = time.time_ns() * _TICKS // 1_000_000
    with _lock:
        if 0 <= _last - ticks < _WAITS_FOR:
            ticks = _last + 1
        _last = ticks
    milliseconds, fraction = divmod(ticks, _TICKS)
    random = int.from_bytes(os.urandom(8), "big") & ~(0x3 << 62) | (0x2 << 62)
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | random)
