"""Ends what a run started and removes its room, also when the bot was killed with SIGKILL.

Started as ``python -I -S watchdog.py ROOM`` with the read end of a pipe as standard input. The bot
holds the write end: the end of the file means that the bot is gone, however it went. The room's
journal says what to end. Only the standard library: this process must start fast and stay small.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

JOURNAL = "journal"  # in the room: one line per process group, server or user id to end
LOCK = "lock"  # in the room: held (flock) as long as the bot lives
SERVER_GRACE = 2.0  # seconds a server has to obey SIGQUIT, before SIGKILL
SWEEPS = 50  # a fork bomb may be faster than one look at the process table
SHARED = ("/tmp", "/var/tmp", "/dev/shm", "/run/lock")  # noqa: S108 - cleaned, not written to
TRIES = 20  # to remove the room


def sweep(room: Path) -> None:
    """End everything in the room's journal and remove the room. Safe to repeat."""
    entries = list(read_journal(room))
    servers = [pid for kind, pid in entries if kind == "server"]
    for pid in servers:
        _send(os.kill, pid, signal.SIGQUIT)
    for kind, pid in entries:
        if kind == "group":
            _send(os.killpg, pid, signal.SIGKILL)
    deadline = time.monotonic() + SERVER_GRACE
    while any(_runs(pid) for pid in servers) and time.monotonic() < deadline:
        time.sleep(0.002)
    for pid in servers:
        if _runs(pid):
            _send(os.kill, pid, signal.SIGKILL)
    users = {uid for kind, uid in entries if kind == "user"}
    for uid in users:
        _end_processes_of(uid)
    _remove_files_of(users)
    _remove(room)


def read_journal(room: Path) -> Iterator[tuple[str, int]]:
    """What is to be ended: ``("group" | "server", pid)`` and ``("user", uid)``.

    An id counts only while it belongs to the process that was registered: ids are used again.
    """
    try:
        lines = (room / JOURNAL).read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return
    gone = {tuple(line.split()[1:]) for line in lines if line.startswith("gone ")}
    for line in lines:
        match line.split():
            case ["user", number] if number.isdecimal():
                yield "user", int(number)
            case [("group" | "server") as kind, number, born] if number.isdecimal():
                if (number, born) not in gone and started(int(number)) in {born, None}:
                    yield kind, int(number)


def started(pid: int) -> str | None:
    """When that process started, in clock ticks since boot (proc(5), stat); None if gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    return stat.rpartition(")")[2].split()[19]


def _runs(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def _send(call: Callable[[int, int], None], pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        call(pid, number)


def _end_processes_of(uid: int) -> None:
    """SIGKILL to every process of a user id that the run reserved for itself.

    All are stopped before the first one dies: what is stopped does not fork.
    """
    for number in (signal.SIGSTOP, signal.SIGKILL):
        met: set[int] = set()
        for _ in range(SWEEPS):
            found = [pid for pid in _processes_of(uid) if pid not in met and _runs(pid)]
            if not found:
                break
            for pid in found:
                _send(os.kill, pid, number)
            met.update(found)


def _processes_of(uid: int) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and user_of(int(entry.name)) == uid:
            yield int(entry.name)


def user_of(pid: int) -> int | None:
    """The real user id of a process; not the owner of its /proc folder, which can be root's."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return int(status.partition("\nUid:")[2].split(maxsplit=1)[0])


def _remove_files_of(users: set[int]) -> None:
    """What the run's users left where everybody may write; nobody else can have put it there."""
    for folder in SHARED if users else ():
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            left = [
                item.path for item in entries if item.stat(follow_symlinks=False).st_uid in users
            ]
            if left:
                _run("rm", "-rf", "--", *left)


def _remove(room: Path) -> None:
    """Remove the tree, however deep and whatever its modes.

    Processes that are just dying may still add files: try again.
    """
    for _ in range(TRIES):
        _run("rm", "-rf", "--", str(room))
        if not room.exists():
            return
        if os.geteuid() != 0:  # the target's code took permissions from its folders, which are ours
            _run("chmod", "-R", "u+rwx", "--", str(room))
        time.sleep(0.01)


def _run(*command: str) -> None:
    """A program of the system: Python's own functions recurse, and end on deep trees."""
    quiet = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
    with contextlib.suppress(OSError):
        pid = os.posix_spawnp(command[0], command, {"PATH": os.defpath}, file_actions=quiet)
        os.waitpid(pid, 0)


def main(room: str) -> None:
    """Wait for the bot's end, then sweep."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while os.read(0, 4096):
        pass
    sweep(Path(room))


if __name__ == "__main__":
    main(sys.argv[1])
