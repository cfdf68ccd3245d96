"""One deadline for the whole run, and what each part of it took."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Counts down from ``seconds`` on the monotonic clock, which no change of date moves."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._start = time.monotonic()
        self._lock = threading.Lock()
        self._took: dict[str, float] = {}

    def remaining(self) -> float:
        """Seconds until the deadline, at least 0."""
        return max(0.0, self._end - time.monotonic())

    @contextmanager
    def timing(self, name: str) -> Iterator[None]:
        """Add the time spent inside to that name; parts that overlap each count in full."""
        start = time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                took = (time.monotonic() - start) * 1000
                self._took[name] = self._took.get(name, 0.0) + took

    def timings_ms(self) -> dict[str, float]:
        """Milliseconds by name, and ``total`` since the start."""
        total = (time.monotonic() - self._start) * 1000
        return {"total": round(total, 1), **{k: round(v, 1) for k, v in self._took.items()}}
