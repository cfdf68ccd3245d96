"""Makes and starts a PostgreSQL of our own in the room: unprivileged, unix socket only."""

from __future__ import annotations

import os
import pwd
import secrets
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.observe import processes, reach
from bot.observe.confine.command_line import Confinement, Limits
from bot.observe.layers import has_landlock, has_seccomp
from bot.observe.room import SERVERS, Room
from bot.observe.server import configuration, extensions
from bot.observe.server.binaries import Binaries
from bot.observe.server.options import ServerError

POLL = 0.003  # seconds between two looks at a starting server
STATE_LINE = 7  # of postmaster.pid, from 0: the postmaster's state (utils/pidfile.h)
_LOG_BYTES = 64 * 1024  # of the end of the log, where a PANIC stands
PATIENCE = 60.0  # seconds for initdb, and for the start
LONGEST_SOCKET = 107  # bytes, unix(7)
STATISTICS_BY_SOCKET = 14  # the last major whose processes tell each other numbers over UDP
_OOM_SCORE = 500  # a statement that eats memory ends before the bot, after the target's code
LIMITS = Limits(file_size=None, address_space=2 * 1024**3)  # of each process


class Cluster:
    """One data directory in the room and the server on it.

    As root the server runs under a user id of its own, which owns nothing else; initdb, which wants
    a user with a name, runs as ``nobody`` before. Without root everything runs as ourselves. Either
    way it reaches no network and no file but its own: it executes SQL by strangers. ``without``
    names layers to leave out (``bot.observe.layers.LAYERS``).
    """

    def __init__(
        self, binaries: Binaries, room: Room, without: frozenset[str] = frozenset()
    ) -> None:
        self.binaries = binaries
        self._room = room
        self._without = without
        self._uid = room.reserve_user() if os.geteuid() == 0 else None
        self._home = room.folder(SERVERS, self._uid)
        self.data = self._home / "data"
        self.sockets = room.folder("socket", self._uid, mode=0o711)
        self._settings = room.folder("settings", mode=0o755)  # ours: the server only reads them
        self._log = room.folder("log") / "server.log"
        socket = self.sockets / f".s.PGSQL.{configuration.SOCKET_PORT}"
        if len(os.fsencode(socket)) > LONGEST_SOCKET:
            raise ServerError(f"the path {socket} is too long for a socket: use a shorter TMPDIR")
        self.stand_ins: frozenset[str] = frozenset()
        self._process: subprocess.Popen[bytes] | None = None

    def last_words(self) -> str:
        """Why the server gave up (its PANIC), "" when its log does not say."""
        try:
            return _last_words(self._log)
        except OSError:
            return ""

    def begin_initdb(self, password: str) -> Initialising:
        """Start initdb; the caller waits for it when it has nothing else to do."""
        maker = None if self._uid is None else _named_account()
        secret = self._room.path / secrets.token_hex(16)  # nobody but us can list the room
        secret.touch(mode=0o600)
        secret.write_text(password)
        if maker is not None:
            os.chown(self._home, maker, maker)
            os.chown(secret, maker, maker)
        utf8 = any(Path("/usr/lib/locale", name).exists() for name in ("C.utf8", "C.UTF-8"))
        command = [str(self.binaries.programs / "initdb")]
        command += configuration.initdb_arguments(self.binaries.major, utf8_locale=utf8)
        command += [f"--pwfile={secret}", f"--pgdata={self.data}"]
        process = self._start(command, maker)
        self._room.register_group(process.pid)
        return Initialising(self._room, process, self._log, secret)

    def adopt(self) -> None:
        """Give the data directory, made by initdb or copied, to the server's user."""
        if self._uid is None:
            return
        os.chown(self._home, self._uid, self._uid)
        for folder, folders, files in os.walk(self.data):
            for name in (".", *folders, *files):
                os.chown(Path(folder, name), self._uid, self._uid, follow_symlinks=False)

    def start(self) -> None:
        """Write the configuration, start the server and wait until it takes connections.

        Raises:
            ServerError: it does not start; the message holds the end of its log.
        """
        own = self._lay_out_extensions()
        chosen = configuration.settings(self.binaries.major, self.sockets, own)
        access = self._settings / "pg_hba.conf"
        access.write_text(configuration.access_file(self.binaries.major))
        main = self._settings / "postgresql.conf"
        main.write_text(configuration.configuration_file(chosen))
        (self.data / "postgresql.auto.conf").unlink(missing_ok=True)
        for path in (access, main):
            path.chmod(0o644)
        command = [str(self.binaries.programs / "postgres"), f"-D{self.data}"]
        command += [f"--config-file={main}", f"--hba-file={access}"]
        process = self._start(command, self._uid)
        self._process = process
        self._room.register_server(process.pid)
        processes.die_before_others(process.pid, _OOM_SCORE)
        deadline = time.monotonic() + PATIENCE
        while not self._ready():
            if process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ServerError(
                    f"PostgreSQL {self.binaries.version} ({self.binaries.programs}) does not "
                    f"start: {_tail(self._log)}"
                )
            time.sleep(POLL)

    def stop(self) -> None:
        """Stop the server at once, without a checkpoint. Idempotent."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGQUIT)
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._room.forget(process.pid)

    def _ready(self) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text("ascii", "replace").splitlines()
        except OSError:
            return False
        return [line.strip() for line in lines[STATE_LINE:]] == ["ready"]

    def _lay_out_extensions(self) -> Path | None:
        share = self.binaries.share()
        if share is None or self.binaries.major < extensions.SINCE_MAJOR:
            return None
        if not (self._settings / "extension").exists():
            self.stand_ins = extensions.lay_out(share, self._settings)
        return self._settings

    def _start(self, command: Sequence[str], uid: int | None) -> subprocess.Popen[bytes]:
        arguments = self._confinement(uid).command_line(command)
        environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "HOME": str(self._home)}
        with self._log.open("ab") as log:
            try:
                return subprocess.Popen(
                    arguments,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    env=environment,
                    start_new_session=True,
                )
            except OSError as error:
                raise ServerError(f"cannot start {command[0]}: {error}") from None

    def _confinement(self, uid: int | None) -> Confinement:
        closed = () if uid is None else _closed(self.binaries.folders, uid)
        return Confinement(
            user=uid,
            limits=LIMITS if uid is not None else replace(LIMITS, processes=None),
            mounts=bool(closed),
            emptied=closed,
            landlock=has_landlock(self._without),
            seccomp=has_seccomp(self._without),
            network=self.binaries.major <= STATISTICS_BY_SOCKET,
            system_v=True,
            readable=(*self.binaries.folders, self._settings, self._room.path),
            writable=(self._home, self.sockets),
        )


@dataclass(frozen=True)
class Initialising:
    """A running initdb."""

    room: Room
    process: subprocess.Popen[bytes]
    log: Path
    secret: Path

    def wait(self) -> None:
        """Until the data directory is there.

        Raises:
            ServerError: initdb failed.
        """
        try:
            status = self.process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.room.forget(self.process.pid)
        self.secret.unlink(missing_ok=True)
        if status != 0:
            raise ServerError(f"initdb failed with status {status}: {_tail(self.log)}")


def new_password() -> str:
    """Letters and digits only: some drivers take it through a URL."""
    return secrets.token_hex(16)


def _closed(folders: Sequence[Path], uid: int) -> tuple[Path, ...]:
    found = (reach.closed_folder(folder / "x", uid, uid) for folder in folders)
    return tuple(dict.fromkeys(folder for folder in found if folder is not None))


def _named_account() -> int:
    """An unprivileged user that has a name, as initdb wants it (get_user_name_or_exit)."""
    for name in ("nobody", "daemon", "postgres"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise ServerError("this machine has no unprivileged user (nobody) to run PostgreSQL as")


def _last_words(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _LOG_BYTES))
        lines = file.read().decode("utf-8", "replace").splitlines()
    panics = [line.partition("PANIC:")[2].strip() for line in lines if "PANIC:" in line]
    return panics[0] if panics else ""


def _tail(log: Path) -> str:
    try:
        text = log.read_text("utf-8", "replace")
    except OSError:
        text = ""
    return text.strip()[-1500:] or "it said nothing"
