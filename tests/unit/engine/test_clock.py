"""The deadline of a whole run."""

from __future__ import annotations

import threading
import time

import pytest

from bot.clock import Clock, Overdue


def test_what_does_not_end_is_ended() -> None:
    """The last wall: some time after the deadline the main thread is freed."""
    clock = Clock(0.0, grace=0.05)
    start = time.monotonic()
    with pytest.raises(Overdue, match="0 s after its 0 s"), clock.last_wall():
        time.sleep(30)
    assert time.monotonic() - start < 10
    assert clock.remaining() == 0


def test_a_run_in_time_is_left_alone() -> None:
    """Its parts add up by name, and threads may measure too."""
    clock = Clock(60)
    with clock.last_wall():
        for _ in range(2):
            with clock.timing("base"):
                pass

    def elsewhere() -> None:
        with clock.last_wall(), clock.timing("server"):
            pass

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert set(clock.timings_ms()) == {"total", "base", "server"}
    assert 0 < clock.remaining() <= 60
