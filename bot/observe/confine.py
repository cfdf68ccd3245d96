"""How a command line gives up rights before the target's code starts.

``prlimit``, ``setpriv`` and ``unshare`` are util-linux, which Debian and the GitHub runners have;
each step is one ``exec``, so the child keeps its process id and its pipes. This file is also a
program: where ``setpriv`` is missing, it does the same with ``prctl(2)`` before it execs. A later
layer that a process must put on itself (landlock, seccomp) has its place there.
"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

MEMORY_BYTES = 2 * 1024**3  # a session of the target may hold; real applications stay far below
_GIB = 1024**3
_PR_SET_NO_NEW_PRIVS = 38  # linux/prctl.h
_PR_CAPBSET_DROP = 24
_LAST_CAPABILITY = 63


@dataclass(frozen=True)
class Limits:
    """Resource limits of ``setrlimit(2)``; sizes in bytes, None for no limit of ours.

    ``address_space`` counts mappings, not memory, so it is only a net below the memory guard.
    ``processes`` counts per user: it may be set only where the child has a user id of its own.
    """

    file_size: int = _GIB
    open_files: int = 4096
    address_space: int | None = 4 * MEMORY_BYTES
    processes: int | None = 512

    def arguments(self) -> list[str]:
        """As ``prlimit(1)`` takes them, none above what is in force: only root may raise one."""
        wanted = {
            "core": (resource.RLIMIT_CORE, 0),
            "fsize": (resource.RLIMIT_FSIZE, self.file_size),
            "nofile": (resource.RLIMIT_NOFILE, self.open_files),
            "as": (resource.RLIMIT_AS, self.address_space),
            "nproc": (resource.RLIMIT_NPROC, self.processes),
        }
        found = []
        for name, (kind, value) in wanted.items():
            hard = resource.getrlimit(kind)[1]
            if value is not None:
                most = value if hard == resource.RLIM_INFINITY else min(value, hard)
                found.append(f"--{name}={most}")
        return found


def limited(command: list[str], limits: Limits) -> list[str] | None:
    """The command under those limits, None when ``prlimit`` is not installed."""
    prlimit = shutil.which("prlimit", path=os.defpath)
    return None if prlimit is None else [prlimit, *limits.arguments(), *command]


def as_user(command: list[str], uid: int, gid: int) -> list[str]:
    """The command as another user who can never gain rights again; needs root."""
    if setpriv := shutil.which("setpriv", path=os.defpath):
        switch = [f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs"]
        return [setpriv, *switch, "--inh-caps=-all", "--bounding-set=-all", "--", *command]
    return [sys.executable, "-I", "-S", str(Path(__file__)), str(uid), str(gid), *command]


def without_new_rights(command: list[str]) -> list[str]:
    """The command as the same user, who can never gain rights through setuid programs."""
    setpriv = shutil.which("setpriv", path=os.defpath)
    return command if setpriv is None else [setpriv, "--no-new-privs", "--", *command]


def in_own_mounts(command: list[str], script: str) -> list[str]:
    """The command in a mount namespace that the shell script arranges first; needs root."""
    return ["unshare", "--mount", "--propagation=private", "sh", "-c", script, "sh", *command]


def _become(uid: int, gid: int) -> None:
    # The order matters: the bounding set can be dropped only while there are capabilities.
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in range(_LAST_CAPABILITY + 1):
        libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)  # EINVAL past the kernel's last one
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_NO_NEW_PRIVS) failed")


def main(arguments: list[str]) -> None:
    """``confine.py UID GID COMMAND …``."""
    _become(int(arguments[0]), int(arguments[1]))
    os.execvp(arguments[2], arguments[2:])  # noqa: S606 - becoming the command is the point


if __name__ == "__main__":
    main(sys.argv[1:])
