"""Probes that take all memory or disk: found wherever they hide it, and stopped."""

from __future__ import annotations

import pytest

from bot.facts import FailureKind
from bot.observe.disk import Allowance
from tests.unit.child import test_bad_probes as bad
from tests.unit.child.test_bad_probes import STATEMENT, Ready, Start, run

ready = bad.ready


def test_memory_beyond_the_limit_is_memory(start: Start, ready: Ready) -> None:
    """The guard sees it, kills the session, and says how much it was."""
    probe = ready(
        start(
            STATEMENT
            + "held = []\nwhile True:\n  held.append(bytearray(10**7)); time.sleep(0.005)",
            memory_bytes=100 * 2**20,
        )
    )
    ran = run(probe, 20)
    assert ran.failure is not None
    assert ran.failure.kind is FailureKind.MEMORY
    assert "limit of 100 MB" in ran.failure.message
    assert ran.failure.line == 7


@pytest.mark.parametrize(
    "hold",
    [
        "held = mmap.mmap(-1, 1 << 28); held.write(bytes(1 << 28))",  # shared, as mmap's default is
        "held = [os.fork() for _ in range(3)]; here = bytearray(os.urandom(1 << 20) * 64)",
        "os.fork() or os.setsid() or os.fork() or os._exit(0); held = bytearray(1 << 28)",
    ],
)
def test_memory_is_found_wherever_it_is_held(start: Start, ready: Ready, hold: str) -> None:
    """Shared mappings, many processes that hold a little each, an orphan in its own session."""
    adopt = "import ctypes, mmap; ctypes.CDLL(None).prctl(36, 1)\n"  # as the real one does
    probe = ready(start(f"{adopt}{hold}\ntime.sleep(60)", memory_bytes=150 * 2**20))
    ran = run(probe, 30)
    assert ran.failure is not None
    assert (ran.failure.kind, "limit of 150 MB" in ran.failure.message) == (
        FailureKind.MEMORY,
        True,
    )


def test_a_full_disk_is_told_before_it_is_full(start: Start, ready: Ready) -> None:
    """Many files, none of which is large."""
    write = """
    for number in range(10_000):
        with open(f"{os.environ['HOME']}/{number}", "wb") as stream:
            stream.write(bytes(2**20))
    """
    probe = ready(start(write, allowed=Allowance(child=64 * 2**20)))
    ran = run(probe, 60)
    assert ran.failure is not None
    assert ran.failure.kind is FailureKind.KILLED
    assert "its files took more than 64 MB of the disk" in ran.failure.message


def test_deleted_files_that_are_held_open_fill_no_disk(start: Start, ready: Ready) -> None:
    """Nobody can see whose they are: they are stopped when little is left, and not before."""
    write = """
    held = []
    for number in range(200):
        held.append(open(f"{os.environ['HOME']}/{number}", "wb"))
        os.unlink(held[-1].name)
        held[-1].write(bytes(2**20))
    time.sleep(1.5)
    send(id=number_of_request, ok=True)
    """.replace("number_of_request", "request['id']")
    assert run(ready(start(write, allowed=Allowance(child=64 * 2**20))), 60).ok
    full = Allowance(child=64 * 2**20, spare=2**62)
    ended = run(ready(start(write, allowed=full)), 60).failure
    assert ended is not None
    assert "nearly full" in ended.message
