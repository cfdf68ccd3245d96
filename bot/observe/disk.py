"""How much a run may write, without the quotas that no runner has.

Who fills the disk is looked up only when the file system has become that much fuller: going through
all folders takes time, and nearly every run writes next to nothing.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.observe.room import SERVERS, Room

CHILD_BYTES = 2 * 1024**3  # that the target's code may keep in files
DATABASE_BYTES = 4 * 1024**3  # that all scratch databases and the log of changes may take
SPARE_BYTES = 512 * 1024**2  # left on the file system, whoever fills it
_FILES = 500_000  # more are as bad as bytes
_LOOK_SECONDS = 30.0  # for counting them
_STEP = 4  # a look for each quarter of the limit
_BLOCK = 512  # bytes of find's %b


@dataclass(frozen=True)
class Allowance:
    """Bytes that the child's files and the databases may take."""

    child: int = CHILD_BYTES
    databases: int = DATABASE_BYTES
    spare: int = SPARE_BYTES


ALLOWANCE = Allowance()


class Disk:
    """The file systems of the room and of temporary files, as one child fills them.

    ``uid`` is the child's user, None when that is the bot's own. ``shared`` are folders outside the
    room to which it may write beside others.
    """

    def __init__(
        self, room: Room, uid: int | None, shared: Sequence[Path], allowed: Allowance = ALLOWANCE
    ) -> None:
        self._room = room.path
        self._start = room.folder("watched")
        self._uid = uid
        self._allowed = allowed
        self._shared = [str(place) for place in shared]
        devices = {place.stat().st_dev: place for place in (*shared, self._room)}
        self._first = {place: _free(place) for place in devices.values()}
        self._next = min(allowed.child, allowed.databases) // _STEP

    def beyond(self) -> str:
        """Who has written too much, as a clause for the reader; "" as long as nobody has."""
        lost = {place: first - _free(place) for place, first in self._first.items()}
        if max(lost.values()) < self._next:
            return ""
        self._next = max(lost.values()) + min(self._allowed.child, self._allowed.databases) // _STEP
        for what, number, limit in (
            ("files", self._child_bytes(), self._allowed.child),
            ("databases", self._database_bytes(), self._allowed.databases),
        ):
            if number is None or number > limit:
                return f"its {what} took more than {limit >> 20} MB of the disk, and it was stopped"
        for place, written in lost.items():
            if written > self._allowed.child and _free(place) < self._allowed.spare:
                return (
                    f"the disk of {place} was nearly full ({_free(place) >> 20} MB left) after"
                    f" {written >> 20} MB were written meanwhile, and it was stopped"
                )
        return ""

    def _child_bytes(self) -> int | None:
        servers = ["-path", f"{self._room}/{SERVERS}*", "-prune", "-o"]
        if self._uid is None:  # what was there before, exported trees above all, is ours as well
            return _bytes([str(self._room), "-xdev", *servers, "-cnewer", str(self._start)])
        places = [str(self._room), *self._shared]
        return _bytes([*places, "-xdev", *servers, "-uid", str(self._uid)])

    def _database_bytes(self) -> int | None:
        folders = [str(path) for path in self._room.glob(f"{SERVERS}*")]
        return _bytes([*folders, "-xdev"]) if folders else 0


def _bytes(criteria: Sequence[str]) -> int | None:
    """What find(1)'s criteria take on the disk; None when there are too many files to count."""
    total = 0
    with subprocess.Popen(
        ["find", *criteria, "-printf", "%b\n"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.defpath, "LC_ALL": "C"},
    ) as finding:
        assert finding.stdout is not None  # noqa: S101 - it is a pipe
        overdue = threading.Timer(_LOOK_SECONDS, finding.kill)
        overdue.start()
        for count, line in enumerate(finding.stdout):
            total += int(line) * _BLOCK
            if count > _FILES:
                finding.kill()
        overdue.cancel()
    return None if finding.returncode < 0 else total


def _free(place: Path) -> int:
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize
