"""What keeps the target's code away from the runner, the checkout and the token.

Running a migration is running a stranger's Python. It gets another user id where the bot is root,
no rights to gain, an environment built from an allow-list, resource limits, a session of its own,
and, where the kernel lets us, a file system without the folders it has no business in. Which of
the layers are missing is told, never assumed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.observe import landlock, reach
from bot.observe.confine import (
    MEMORY_BYTES,
    Limits,
    as_user,
    in_own_mounts,
    limited,
    without_new_rights,
)
from bot.observe.room import Room

_NAME = "db-recheck"
_TRIAL_SECONDS = 5.0
LATER_LAYERS = ("network",)  # not built yet, so always missing


class SandboxError(Exception):
    """The child cannot be confined as asked; the message says what to do."""


@dataclass(frozen=True)
class Sandbox:
    """How children are started.

    ``home`` is a private folder of the child, also its TMPDIR's parent. ``uid`` is its user and
    group id, None when it has to run as the bot's own user. ``mounts`` is true where it can get a
    mount namespace; ``hidden`` are folders that are empty in there. ``landlocked`` is true where it
    opens only files that are named (in a container, which grants no mounts). ``missing`` names
    layers.
    """

    home: Path
    uid: int | None
    mounts: bool
    hidden: tuple[Path, ...]
    missing: tuple[str, ...]
    limits: Limits
    zone: str | None = None
    landlocked: bool = False

    def describe(self) -> str:
        """``full``, or ``reduced: `` and the missing layers, as the report shows it."""
        return f"reduced: {', '.join(self.missing)}" if self.missing else "full"

    def environment(self, python: Path, more: Mapping[str, str]) -> dict[str, str]:
        """Everything that the child finds in ``os.environ``; ``more`` is what the user configured.

        No variable of the bot's own environment is passed on but the time zone. The hash seed is
        fixed so that one commit gives one report.
        """
        found = {
            "PATH": f"{python.parent}:{os.defpath}",
            "LANG": "C.UTF-8",
            "HOME": str(self.home),
            "TMPDIR": str(self.home / "tmp"),
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
    ) -> subprocess.Popen[bytes]:
        """Start a command confined, in a session of its own, with stdin at its end.

        ``readable`` and ``writable`` are folders it needs besides its home. ``output`` receives
        both stdout and stderr.

        Raises:
            SandboxError: another user cannot reach one of the folders.
        """
        return subprocess.Popen(
            self._confined(list(command), readable, (*writable, self.home), limits or self.limits),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(environ),
            cwd="/",
            pass_fds=descriptors,
            start_new_session=True,
            umask=0o022,
        )

    def _confined(
        self,
        command: list[str],
        readable: Sequence[Path],
        writable: Sequence[Path],
        limits: Limits,
    ) -> list[str]:
        if self.uid is None:
            return limited(without_new_rights(command), limits) or command
        readable, writable = reach.with_targets(readable), reach.with_targets(writable)
        closed = {
            folder: path
            for path in (*readable, *writable)
            if (folder := reach.closed_folder(path, self.uid, self.uid))
        }
        switched = as_user(command, self.uid, self.uid)
        switched = limited(switched, limits) or switched
        if not self.mounts:
            for folder, path in closed.items():
                raise SandboxError(
                    f"{path} lies under {folder}, which only its owner may enter, so the "
                    "migrations cannot run as another user; move it to a folder that others can "
                    f"read, or allow it with: chmod o+x {folder}"
                )
            if self.landlocked:
                return landlock.confined(switched, readable, writable, sys.executable)
            return switched
        root = Path("/")
        emptied = [
            folder for folder in {*closed, *self.hidden} if folder.is_dir() and folder != root
        ]
        if not emptied:
            return switched
        return in_own_mounts(switched, reach.mount_script(emptied, readable, writable))

    def unreachable(self, python: Path) -> str:
        """Why the child's user cannot run that interpreter, "" when it can."""
        if self.uid is None or self.mounts:
            return ""
        for path in reach.interpreter_folders(python):
            if folder := reach.closed_folder(path / "bin", self.uid, self.uid):
                return f"{folder} may only be entered by its owner"
        return ""

    def hand_over(self, folder: Path) -> None:
        """Let the child create files anywhere below the folder; those that exist stay as they are.

        Real applications make folders for logs or uploads when they are imported.
        """
        if self.uid is None:
            return
        for path, _, _ in os.walk(folder):
            os.chown(path, self.uid, self.uid, follow_symlinks=False)


def prepare_sandbox(
    room: Room,
    *,
    hidden: Sequence[Path] = (),
    memory_bytes: int = MEMORY_BYTES,
    zone: str | None = None,
) -> Sandbox:
    """Find out which layers work on this machine and make the child's home in the room.

    ``hidden`` are folders the child shall not see where that is possible: the checkout, the
    runner's files. ``memory_bytes`` is the memory guard's limit, by which the address space is
    bounded (four times as much). ``zone`` is the TZ variable to pass on.
    """
    uid = room.reserve_user() if os.geteuid() == 0 else None
    mounts = False
    if uid is not None:
        switched = as_user(["true"], uid, uid)
        mounts = _works(in_own_mounts(switched, 'exec "$@"'))
        if not mounts and not _works(switched):
            uid = None
    missing = [] if uid is not None else ["own user"]
    if shutil.which("prlimit", path=os.defpath) is None:
        missing.append("resource limits")
    landlocked = uid is not None and not mounts and landlock.available()
    missing += LATER_LAYERS if landlocked else (*LATER_LAYERS, "file system (landlock)")

    home = room.folder("child", uid)
    temporary = home / "tmp"
    temporary.mkdir(mode=0o700)
    if uid is not None:
        os.chown(temporary, uid, uid)
    return Sandbox(
        home=home,
        uid=uid,
        mounts=mounts,
        hidden=tuple(Path(os.path.realpath(folder)) for folder in hidden),
        missing=tuple(missing),
        limits=Limits(
            address_space=4 * memory_bytes,
            processes=None if uid is None else 512,
        ),
        zone=zone,
        landlocked=landlocked,
    )


def _works(command: list[str]) -> bool:
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, timeout=_TRIAL_SECONDS, env={}
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


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
