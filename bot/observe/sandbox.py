"""What keeps the target's code away from the runner, the checkout and the token.

Running a migration is running a stranger's Python. It gets another user id where the bot is root,
no rights to gain, an environment built from an allow-list, resource limits, a session of its own,
no network, and, where the kernel lets us, a file system without the folders it has no business in.
Which of the layers are missing is told, never assumed.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.observe import reach
from bot.observe.confine.command_line import MEMORY_BYTES, Confinement, Limits
from bot.observe.layers import Layers, SandboxError, find_layers
from bot.observe.room import Room
from bot.observe.strangers_files import folders_below

__all__ = ["Sandbox", "SandboxError", "fill", "prepare_sandbox"]

_NAME = "db-recheck"
_SCRATCH = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))  # noqa: S108 - named in rules
_SOCKETS = (Path("/run"), Path("/var/run"))  # of Docker, PostgreSQL, D-Bus
_NAMES = Path("/etc/resolv.conf")  # a link into /run on many machines


@dataclass(frozen=True)
class Sandbox:
    """How children are started.

    ``place`` is a folder of ours in the room that holds the child's homes, of which ``home`` is the
    first. ``uid`` is its user and group id, None when it has to run as the bot's own user.
    ``hidden`` are folders that are empty where it can have mounts of its own.
    """

    room: Room
    place: Path
    home: Path
    uid: int | None
    layers: Layers
    hidden: tuple[Path, ...]
    limits: Limits
    zone: str | None = None

    def describe(self) -> str:
        """``full``, or ``reduced: `` and the missing layers, as the report shows it."""
        missing = self.layers.missing
        return f"reduced: {', '.join(missing)}" if missing else "full"

    def environment(self, python: Path, more: Mapping[str, str]) -> dict[str, str]:
        """Everything that the child finds in ``os.environ``; ``more`` is what the user configured.

        No variable of the bot's own environment is passed on but the time zone. The hash seed is
        fixed so that one commit gives one report.
        """
        found = {
            "PATH": f"{python.parent}:{os.defpath}",
            "LANG": "C.UTF-8",
            **_variables(self.home),
            "USER": _NAME,  # getpass.getuser() fails for a user id without a name
            "LOGNAME": _NAME,
            "PYTHONHASHSEED": "0",
        }
        if self.zone:
            found["TZ"] = self.zone
        return {**found, **more}

    def start(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        *,
        readable: Sequence[Path] = (),
        writable: Sequence[Path] = (),
        descriptors: Sequence[int] = (),
        output: int = subprocess.DEVNULL,
        limits: Limits | None = None,
        network: bool = False,
    ) -> subprocess.Popen[bytes]:
        """Start a command confined, in a session of its own, with stdin at its end.

        ``readable`` and ``writable`` are folders it needs besides its home. ``output`` receives
        both stdout and stderr. ``network`` is for installing alone.

        Raises:
            SandboxError: another user cannot reach one of the folders.
        """
        confinement = self._confinement(
            readable, (*writable, self.place), limits or self.limits, network=network
        )
        return subprocess.Popen(
            confinement.command_line(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environ),
            cwd="/",
            pass_fds=descriptors,
            start_new_session=True,
            umask=0o022,
        )

    @property
    def shared(self) -> tuple[Path, ...]:
        """The folders for temporary files where the child's lie beside everybody's."""
        return () if self.layers.mounts else self._scratch()

    def _scratch(self) -> tuple[Path, ...]:
        found = _folders(_SCRATCH)
        if self.uid is None:  # what lies beside the room there is as much the child's as ours
            found = [folder for folder in found if folder not in self.room.path.parents]
        return tuple(found)

    def _confinement(
        self, readable: Sequence[Path], writable: Sequence[Path], limits: Limits, *, network: bool
    ) -> Confinement:
        confinement = Confinement(
            user=self.uid,
            limits=limits,
            landlock=self.layers.landlock,
            seccomp=self.layers.seccomp,
            network=network,
            yields=True,
            scratch=self._scratch(),
            readable=tuple(reach.with_targets(readable)),
            writable=tuple(reach.with_targets(writable)),
        )
        if self.uid is None:
            return confinement
        needed = (*confinement.readable, *confinement.writable)
        closed = {
            folder: path
            for path in needed
            if (folder := reach.closed_folder(path, self.uid, self.uid))
        }
        if self.layers.mounts:
            names = [Path(os.path.realpath(_NAMES))] if network else []
            return replace(
                confinement,
                mounts=True,
                emptied=tuple(_folders([*closed, *self.hidden, *_SOCKETS])),
                readable=(*confinement.readable, *names, self.room.path),
            )
        for folder, path in closed.items():
            raise SandboxError(
                f"{path} lies under {folder}, which only its owner may enter, so the "
                "migrations cannot run as another user; move it to a folder that others can "
                f"read, or allow it with: chmod o+x {folder}"
            )
        return confinement

    def closed_folder(self, path: Path) -> Path | None:
        """The folder above the path that keeps the child's user out, None when none does."""
        if self.uid is None or self.layers.mounts:
            return None
        return reach.closed_folder(path, self.uid, self.uid)

    def unreachable(self, python: Path) -> str:
        """Why the child's user cannot run that interpreter, "" when it can."""
        for path in reach.interpreter_folders(python):
            if folder := self.closed_folder(path / "bin"):
                return f"{folder} may only be entered by its owner"
        return ""

    def hand_over(self, folder: Path) -> None:
        """Let the child create files anywhere below the folder; those that exist stay as they are.

        Real applications make folders for logs or uploads when they are imported.
        """
        if self.uid is None:
            return
        for path in folders_below(folder):
            os.chown(path, self.uid, self.uid, follow_symlinks=False)

    def another(self, name: str) -> Sandbox:
        """The same layers for somebody else: another user, with a home of its own."""
        uid = None if self.uid is None else self.room.reserve_user()
        place = _place(self.room, name)
        return replace(self, place=place, home=_home(place, "home", uid), uid=uid)

    def another_home(self) -> dict[str, str]:
        """The variables that name one more home of the same child, in which nobody has been."""
        return _variables(_home(self.place, secrets.token_hex(4), self.uid))


def prepare_sandbox(
    room: Room,
    *,
    hidden: Sequence[Path] = (),
    memory_bytes: int = MEMORY_BYTES,
    zone: str | None = None,
    without: Collection[str] = (),
) -> Sandbox:
    """Find out which layers work on this machine and make the child's home in the room.

    ``hidden`` are folders the child shall not see where that is possible: the checkout, the
    runner's files. ``memory_bytes`` is the memory guard's limit, by which the address space is
    bounded (four times as much). ``zone`` is the TZ variable to pass on. ``without`` names layers
    to leave out (``bot.observe.layers.LAYERS``): only a test of the others wants that.
    """
    layers = find_layers(without)
    uid = room.reserve_user() if layers.user else None
    place = _place(room, "child")
    return Sandbox(
        room=room,
        place=place,
        home=_home(place, "home", uid),
        uid=uid,
        layers=layers,
        hidden=tuple(Path(os.path.realpath(folder)) for folder in hidden),
        limits=Limits(
            address_space=4 * memory_bytes,
            processes=None if uid is None else 512,
        ),
        zone=zone,
    )


def _place(room: Room, name: str) -> Path:
    """A folder that is ours, so that nobody can put something else in the place of a home."""
    return room.folder(name, mode=0o711)


def _home(place: Path, name: str, uid: int | None) -> Path:
    home = place / name
    for folder in (home, home / "tmp"):
        folder.mkdir(mode=0o700)
    if uid is not None:
        for folder in (home / "tmp", home):  # as long as it is ours, nobody else is in it
            os.chown(folder, uid, uid)
    return home


def _variables(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "TMPDIR": str(home / "tmp")}


def _folders(paths: Iterable[Path]) -> list[Path]:
    """Those that can be emptied, without symbolic links."""
    found = dict.fromkeys(Path(os.path.realpath(path)) for path in paths)
    return [path for path in found if path.is_dir() and path != Path("/")]


def fill(table: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """The texts with ``{url}``, ``{host}`` and so on filled in.

    Only the names of ``values`` are replaced; any other brace stays as it is written.
    """
    filled = {}
    for name, text in table.items():
        for key, value in values.items():
            text = text.replace(f"{{{key}}}", value)  # noqa: PLW2901 - one replacement after another
        filled[name] = text
    return filled
