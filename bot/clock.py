"""One deadline for the whole run, and what each part of it took."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import NoReturn


class Overdue(Exception):
    """The run went on past its deadline; the message says how long it was allowed to take."""


class Clock:
    """Counts down from ``seconds`` on the monotonic clock, which no change of date moves.

    ``grace`` is how many seconds after the deadline every part should have ended by itself. ``day``
    is the date on which it started (ISO 8601, UTC).
    """

    def __init__(self, seconds: float, grace: float = 20.0) -> None:
        self.seconds = seconds
        self.grace = grace
        self._end = time.monotonic() + seconds
        self._start = time.monotonic()
        self.day = datetime.now(UTC).date().isoformat()
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

    @contextmanager
    def last_wall(self) -> Iterator[None]:
        """Raise in the main thread what nothing else ended in time: no run hangs.

        Raises:
            Overdue: the deadline passed some seconds ago.
        """
        if threading.current_thread() is not threading.main_thread():
            yield  # Python handles signals in the main thread alone
            return

        def overdue(_signal: int, _frame: FrameType | None) -> NoReturn:
            raise Overdue(f"it had not ended {self.grace:.0f} s after its {self.seconds:.0f} s")

        before = signal.signal(signal.SIGALRM, overdue)
        signal.setitimer(signal.ITIMER_REAL, self.remaining() + self.grace, 5.0)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def timings_ms(self) -> dict[str, float]:
        """Milliseconds by name, and ``total`` since the start."""
        total = (time.monotonic() - self._start) * 1000
        return {"total": round(total, 1), **{k: round(v, 1) for k, v in self._took.items()}}
