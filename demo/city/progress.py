"""A bar on a terminal, one line a stage in a log."""

import time
from threading import Lock
from typing import Any

WIDTH = 28


class Progress:
    """Tells how far each stage of the building is. Counting is safe from several threads."""

    def __init__(self, out: Any, *, bars: bool) -> None:
        self.out, self.bars = out, bars
        self.lock = Lock()
        self.name, self.total, self.done, self.since = "", 0, 0, 0.0

    def stage(self, name: str, total: int) -> None:
        self._close()
        self.name, self.total, self.done, self.since = name, max(total, 1), 0, time.monotonic()
        self._draw()

    def step(self, count: int = 1) -> None:
        with self.lock:
            self.done += count
            self._draw()

    def end(self) -> None:
        self._close()
        self.name = ""

    def _draw(self) -> None:
        if self.bars:
            filled = min(WIDTH, WIDTH * self.done // self.total)
            self.out.write(
                f"\r  {self.name:<22} {'█' * filled}{'░' * (WIDTH - filled)} {self.done}/{self.total}", ending=""
            )
            self.out.flush()

    def _close(self) -> None:
        if not self.name:
            return
        took = time.monotonic() - self.since
        start = "\r" if self.bars else ""
        self.out.write(f"{start}  {self.name:<22} {self.done:>5}  {took:5.1f} s{' ' * WIDTH if self.bars else ''}")
