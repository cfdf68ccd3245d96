"""Which layers of the sandbox this machine has."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.observe.confine import landlock, seccomp
from bot.observe.confine.command_line import Confinement

LAYERS = frozenset({"user", "mounts", "landlock", "seccomp"})

WITHOUT = "DB_RECHECK_SANDBOX_WITHOUT"
"""The variable of the bot's own environment that leaves some out, to test those that remain."""

_TRIAL_SECONDS = 5.0
_SETUID, _SYS_ADMIN = 7, 21  # linux/capability.h
_TRIAL_USER = 65534


class SandboxError(Exception):
    """The child cannot be confined as asked; the message says what to do."""


@dataclass(frozen=True)
class Layers:
    """What is there.

    ``user``: another user id (the bot is root). ``mounts``: a file system, processes and a network
    stack of its own. ``landlock``: files that are not named cannot be opened. ``seccomp``: no
    sockets but unix ones, and none of the hostile system calls.
    """

    user: bool
    mounts: bool
    landlock: bool
    seccomp: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """What the report names. Mounts are not in it: Docker has none, and landlock is there."""
        named = {
            "own user": self.user,
            "network": self.seccomp,
            "file system (landlock)": self.landlock,
        }
        return tuple(name for name, there in named.items() if not there)


def find_layers(without: Collection[str] = ()) -> Layers:
    """The layers of this machine but those of ``LAYERS`` that are left out."""
    rights = _capabilities()
    user = os.geteuid() == 0 and bool(rights >> _SETUID & 1) and "user" not in without
    mounts = user and bool(rights >> _SYS_ADMIN & 1) and "mounts" not in without
    return Layers(
        user=user,
        mounts=mounts and _works(Confinement(user=_TRIAL_USER, mounts=True)),
        landlock=has_landlock(without),
        seccomp=has_seccomp(without),
    )


def has_landlock(without: Collection[str] = ()) -> bool:
    """Whether this kernel has a landlock that is new enough, and it is not to be left out."""
    return "landlock" not in without and landlock.version() >= landlock.OLDEST


def has_seccomp(without: Collection[str] = ()) -> bool:
    """Whether this kernel and machine have system call filters that are not to be left out."""
    return "seccomp" not in without and seccomp.available()


def left_out(environ: Mapping[str, str]) -> frozenset[str]:
    """The layers that ``WITHOUT`` names, separated by commas.

    Raises:
        SandboxError: one of them is none.
    """
    named = frozenset(filter(None, environ.get(WITHOUT, "").replace(" ", "").split(",")))
    if unknown := named - LAYERS:
        raise SandboxError(f"{WITHOUT} names {min(unknown)}; there are {', '.join(sorted(LAYERS))}")
    return named


def _capabilities() -> int:
    """This process's effective capabilities, as the bits of capabilities(7)."""
    for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
        if line.startswith("CapEff:"):
            return int(line.split()[1], 16)
    return 0


def _works(confinement: Confinement) -> bool:
    try:
        done = subprocess.run(
            confinement.command_line(["true"]),
            check=False,
            capture_output=True,
            timeout=_TRIAL_SECONDS,
            env={},
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
