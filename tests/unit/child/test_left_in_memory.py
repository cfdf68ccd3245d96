"""What a stranger's processes shared in memory outlives them, and goes with their user."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import pytest

from bot.observe.processes import forget_user

STRANGER, NEIGHBOUR = 61_901, 61_902  # users that nothing else here has
PRIVATE = 0o1600  # IPC_CREAT and rights of the owner


def make(uid: int) -> None:
    """One of each, by a process of that user."""
    child = os.fork()
    if child == 0:
        os.setuid(uid)
        library = ctypes.CDLL(None)
        library.shmget(0, ctypes.c_size_t(4096), PRIVATE)
        library.semget(0, 1, PRIVATE)
        library.msgget(0, PRIVATE)
        os._exit(0)
    os.waitpid(child, 0)


def left(uid: int) -> list[str]:
    """The kinds of which the user has an object (proc(5), /proc/sysvipc)."""
    found = []
    for kind in ("shm", "sem", "msg"):
        title, *lines = Path(f"/proc/sysvipc/{kind}").read_text("ascii").splitlines()
        place = title.split().index("cuid")
        found += [kind for line in lines if line.split()[place] == str(uid)]
    return found


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
def test_everything_of_the_user_goes_and_nothing_of_others() -> None:
    """Segments, semaphores and queues alike."""
    try:
        for uid in (STRANGER, NEIGHBOUR):
            make(uid)
            assert left(uid) == ["shm", "sem", "msg"]
        forget_user(STRANGER)
        assert (left(STRANGER), left(NEIGHBOUR)) == ([], ["shm", "sem", "msg"])
    finally:
        for uid in (STRANGER, NEIGHBOUR):
            forget_user(uid)
