"""The processes of a child as ``/proc`` shows them: who descends from whom, and how to end them.

Linux only (``proc(5)``). Every function tolerates that processes come and go while it looks.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_HELD = ("RssAnon", "RssShmem", "VmSwap")  # proc(5), /proc/pid/status, in kB
_ROUNDS = 10  # a process forked between two looks is found by the next one


@dataclass(frozen=True)
class Process:
    """One line of ``/proc/<pid>/stat``: ``session`` is its session id (``setsid(2)``)."""

    pid: int
    parent: int
    session: int
    zombie: bool


def _read(pid: int) -> Process | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text("ascii", "replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # the name before it may hold spaces and parentheses
    return Process(pid, int(fields[1]), int(fields[3]), fields[0] in "ZX")


def _names(folder: Path) -> list[str]:
    """What is in that folder now. Raises OSError."""
    return os.listdir(folder)  # noqa: PTH208 - iterdir holds a descriptor when the caller stops early


def processes() -> Iterator[Process]:
    """Every process that can be seen."""
    for name in _names(_PROC):
        if name.isdecimal() and (found := _read(int(name))):
            yield found


def parent(pid: int) -> int | None:
    """The process that started this one or has adopted it, None when it is gone."""
    found = _read(pid)
    return None if found is None or found.zombie else found.parent


def children(pid: int) -> list[int]:
    """The processes that this one started and that did not yet vanish."""
    found: list[int] = []
    try:
        tasks = _PROC / str(pid) / "task"
        for task in _names(tasks):
            found += map(int, (tasks / task / "children").read_text("ascii").split())
    except FileNotFoundError:  # gone meanwhile, or a kernel without CONFIG_PROC_CHILDREN
        return [item.pid for item in processes() if item.parent == pid]
    except OSError:
        return []
    return found


def family(root: int) -> Iterator[int]:
    """The process and everything it started, parents before children, zombies left out.

    Each comes before its children are looked for: whoever stops it has all that it will ever have.
    """
    queue = [root]
    while queue:
        pid = queue.pop(0)
        seen = _read(pid)
        if seen is None:
            continue
        if not seen.zombie:
            yield pid
        queue += children(pid)


def descendants(root: int) -> list[int]:
    """``family`` as it is now."""
    return list(family(root))


def resident_bytes(pids: Iterable[int]) -> int:
    """Memory that the processes hold beyond mapped files, in bytes: on swap too, shared too.

    Pages that a fork shares with its parent count in both, so this overstates a little.
    """
    total = 0
    for pid in pids:
        try:
            text = (_PROC / str(pid) / "status").read_text("utf-8", "replace")
        except OSError:
            continue
        for line in text.splitlines():
            name, _, value = line.partition(":")
            if name in _HELD:
                total += int(value.split()[0]) * 1024
    return total


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            continue


def end(find: Callable[[], Iterable[int]]) -> None:
    """SIGKILL everything that ``find`` returns, until it returns nothing new.

    All are stopped before the first one dies: an orphan would no longer be found as a descendant.
    Each is stopped as it is found, or what forks without end would be faster than the search.
    """
    stopped: set[int] = set()
    for _ in range(_ROUNDS):
        before = len(stopped)
        for pid in find():
            if pid not in stopped:
                _signal((pid,), signal.SIGSTOP)
                stopped.add(pid)
        if len(stopped) == before:
            break
    _signal(sorted(stopped), signal.SIGKILL)


def die_before_others(pid: int, score: int) -> None:
    """Let the kernel prefer this process, by 0 to 1000, when memory runs out.

    What it starts inherits that (proc(5), oom_score_adj).
    """
    with contextlib.suppress(OSError):  # gone already, or a container that forbids it
        (_PROC / str(pid) / "oom_score_adj").write_text(str(score), "ascii")


def session_members(session: int) -> list[int]:
    """Living processes of a session id: also those whose parents are gone."""
    return [item.pid for item in processes() if item.session == session and not item.zombie]


def end_user(uid: int) -> None:
    """SIGKILL everything of a user at once: no fork is faster (kill(2), a pid of -1); as root.

    What it shared in memory goes with it (``forget_user``).
    """
    _as(uid, "/bin/sh", "-c", "kill -s KILL -- -1")
    forget_user(uid)


def forget_user(uid: int) -> None:
    """Remove the System V memory, semaphores and queues that a user made: they outlive processes.

    Those of our own IPC namespace, which /proc/sysvipc shows (proc(5)); as that user, for root in a
    container may not (shmctl(2), IPC_RMID).
    """
    found = []
    for kind, name, option in (
        ("shm", "shmid", "--shmem-id"),
        ("sem", "semid", "--semaphore-id"),
        ("msg", "msqid", "--queue-id"),
    ):
        try:
            lines = (_PROC / "sysvipc" / kind).read_text("ascii").splitlines()
        except OSError:  # a kernel without them
            continue
        titles = lines[0].split() if lines else []
        for line in lines[1:]:
            entry = dict(zip(titles, line.split(), strict=False))
            if entry.get("cuid") == str(uid):
                found += [option, entry[name]]
    if found:
        _as(uid, "ipcrm", *found)


def _as(uid: int, *command: str) -> None:
    """Run a command as that user, who is nobody else's; where there is none, nothing happens."""
    with contextlib.suppress(OSError):
        subprocess.run(
            command,
            user=uid,
            group=uid,
            extra_groups=[],
            check=False,
            capture_output=True,
            env={"PATH": os.defpath},
            cwd="/",
        )
