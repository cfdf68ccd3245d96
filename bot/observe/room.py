"""The private folder of one run, gone again however the run ends."""

from __future__ import annotations

import fcntl
import itertools
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.observe import watchdog
from bot.observe.reach import closed_folder

PREFIX = "db-recheck-"
RANDOM = 8  # characters that tempfile.mkdtemp adds
MEMORY = Path("/dev/shm")  # noqa: S108 - tmpfs; the folder made in it is private and random
ENOUGH = 768 * 1024 * 1024  # bytes: a server with a dozen clones; Docker's own tmpfs has 64 MB
DYNAMIC_USERS = range(
    61184, 65520
)  # systemd: "Users, Groups, UIDs and GIDs", dynamic service users
NOBODY = 65534
ABANDONED = 60.0  # seconds after which a room without a lock is nobody's
SERVERS = "server"  # how the folders of data directories begin
WATCHDOG_PATIENCE = 30.0  # seconds for removing a room on a slow disk
LONGEST = 60  # bytes: a socket in a folder of the room must fit into 107 (unix(7), sun_path)


class Room:
    """The run directory: a context manager whose exit ends all registered processes and removes it.

    It lies on tmpfs when there is room, else in ``temporary``. Others can pass through it but not
    list it; each ``folder`` belongs to one user. A watchdog process does the same clean-up when
    this process dies without a word; rooms of earlier runs that lost even that are swept at start.
    Thread-safe.
    """

    def __init__(self, temporary: Path) -> None:
        parent = _parent(temporary)
        for place in {parent, MEMORY, temporary}:
            sweep_leftovers(place)
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        self._lock = os.open(self.path / watchdog.LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)
        flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND
        self._journal = os.open(self.path / watchdog.JOURNAL, flags, 0o600)
        self._mutex = threading.Lock()
        self._born: dict[int, str] = {}
        self._users: set[int] = set()
        self._claims: list[socket.socket] = []
        self._closed = False
        self._alive, self._watchdog = _start_watchdog(self.path)

    def folder(self, name: str, uid: int | None = None, mode: int = 0o700) -> Path:
        """A new folder of the room that belongs to user ``uid`` (default: our own).

        It is numbered when there is one of that name.
        """
        with self._mutex:
            names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
            path = next(self.path / free for free in names if not (self.path / free).exists())
            path.mkdir(mode=0o700)
        if uid is not None and uid != os.geteuid():
            os.chown(path, uid, uid)
        path.chmod(mode)
        return path

    def reserve_user(self) -> int:
        """A user id that nobody else uses; all its processes end with the room.

        Raises:
            PermissionError: when not root.
        """
        if os.geteuid() != 0:
            raise PermissionError("only root can start processes as another user")
        taken = {entry.pw_uid for entry in pwd.getpwall()}
        taken |= {user for pid in _processes() if (user := watchdog.user_of(pid)) is not None}
        with self._mutex:
            free = [uid for uid in DYNAMIC_USERS if uid not in taken | self._users]
            while not self._claim(uid := secrets.choice(free)):
                free.remove(uid)
            self._users.add(uid)
            self._write(f"user {uid}")
        return uid

    def _claim(self, uid: int) -> bool:
        """Take a user id before any other run does: all processes of it end with the room.

        An abstract socket's name is one owner's alone, and free again when that process ends
        (unix(7)).
        """
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            claim.bind(f"\0db-recheck-user-{uid}")
        except OSError:
            claim.close()
            return False
        self._claims.append(claim)
        return True

    def register_group(self, pid: int) -> None:
        """End this process group (its leader's pid) with the room."""
        self._register("group", pid)

    def register_server(self, pid: int) -> None:
        """End this PostgreSQL server with the room: by SIGQUIT, so that it frees shared memory."""
        self._register("server", pid)

    def forget(self, pid: int) -> None:
        """That process has ended and was waited for: its number may become somebody else's."""
        with self._mutex:
            born = self._born.pop(pid, None)
            if born is not None:
                self._write(f"gone {pid} {born}")

    def close(self) -> None:
        """End everything registered and remove the room. Idempotent."""
        with self._mutex:
            if self._closed:
                return
            self._closed = True
        os.close(self._alive)
        try:
            self._watchdog.wait(timeout=WATCHDOG_PATIENCE)
        except subprocess.TimeoutExpired:
            self._watchdog.kill()
            self._watchdog.wait()
        if self.path.exists():  # somebody killed the watchdog
            watchdog.sweep(self.path)
        for claim in self._claims:
            claim.close()
        os.close(self._journal)
        os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _register(self, kind: str, pid: int) -> None:
        born = watchdog.started(pid)
        if born is None:
            return
        with self._mutex:
            self._born[pid] = born
            self._write(f"{kind} {pid} {born}")

    def _write(self, line: str) -> None:
        if not self._closed:
            os.write(self._journal, f"{line}\n".encode("ascii"))


def sweep_leftovers(place: Path) -> None:
    """Sweep the rooms of runs that ended without clean-up: ours, and locked by nobody.

    Other folders of db-recheck have a longer name (``db-recheck-git-…``) and no lock: a run beside
    this one may be at work in them.
    """
    for room in place.glob(f"{PREFIX}{'?' * RANDOM}"):
        try:
            found = room.lstat()
        except OSError:
            continue  # its run ended and took it along
        if found.st_uid != os.geteuid() or not room.is_dir() or room.is_symlink():
            continue
        try:
            lock = os.open(room / watchdog.LOCK, os.O_RDWR | os.O_NOFOLLOW)
        except FileNotFoundError:
            if time.time() - found.st_mtime > ABANDONED:  # else it is just being made
                watchdog.sweep(room)
            continue
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            watchdog.sweep(room)
        except OSError:
            continue  # its run is alive
        finally:
            os.close(lock)


def _parent(temporary: Path) -> Path:
    """Where the room goes: tmpfs, else ``temporary``, else /tmp where others cannot enter that."""
    if _has_memory():
        return MEMORY
    longest = len(os.fsencode(temporary)) > LONGEST
    if longest or (os.geteuid() == 0 and closed_folder(temporary / PREFIX, NOBODY, NOBODY)):
        return Path("/tmp")  # noqa: S108 - the folder made in it is private and random
    return temporary


def _has_memory() -> bool:
    """Whether tmpfs is writable and neither it nor the machine's memory is nearly full."""
    try:
        available = next(
            int(line.split()[1]) * 1024
            for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
            if line.startswith("MemAvailable:")
        )
        free = shutil.disk_usage(MEMORY).free
    except (OSError, StopIteration):
        return False
    return free >= ENOUGH and available >= 2 * ENOUGH and os.access(MEMORY, os.W_OK | os.X_OK)


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _start_watchdog(room: Path) -> tuple[int, subprocess.Popen[bytes]]:
    reading, writing = os.pipe()
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", watchdog.__file__, str(room)],
            stdin=reading,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,  # a Ctrl-C in the terminal is not for it
        )
    finally:
        os.close(reading)
    return writing, process
