"""Ends what a run started and removes its room, also when the bot was killed with SIGKILL.

Started as ``python -I -S watchdog.py ROOM`` with the read end of a pipe as standard input. The bot
holds the write end: the end of the file means that the bot is gone, however it went. The room's
journal says what to end. Only the standard library: this process must start fast and stay small.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

JOURNAL = "journal"  # in the room: one line per process group, server or user id to end
LOCK = "lock"  # in the room: held (flock) as long as the bot lives
SERVER_GRACE = 2.0  # seconds a server has to obey SIGQUIT, before SIGKILL
SWEEPS = 50  # a fork bomb may be faster than one look at the process table


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
    for kind, uid in entries:
        if kind == "user":
            _end_processes_of(uid)
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
    """SIGKILL to every process of a user id that the run reserved for itself."""
    for _ in range(SWEEPS):
        found = [pid for pid in _processes_of(uid) if _runs(pid)]
        if not found:
            return
        for pid in found:
            _send(os.kill, pid, signal.SIGKILL)
        time.sleep(0.002)


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


def _remove(room: Path) -> None:
    """Remove the tree. Processes that are just dying may still add files: try again."""
    for _ in range(20):
        shutil.rmtree(room, ignore_errors=True)
        if not room.exists():
            return
        _open_folders(room)
        time.sleep(0.01)


def _open_folders(room: Path) -> None:
    """Give back the permissions that the target's code took from its folders.

    Not as root, who needs none and could be led elsewhere by a symbolic link.
    """
    if os.geteuid() == 0:
        return
    for folder, names, _ in os.walk(room):
        for path in (Path(folder, name) for name in names):
            with contextlib.suppress(OSError):
                if not path.is_symlink():
                    path.chmod(0o700)


def main(room: str) -> None:
    """Wait for the bot's end, then sweep."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while os.read(0, 4096):
        pass
    sweep(Path(room))


if __name__ == "__main__":
    main(sys.argv[1])
