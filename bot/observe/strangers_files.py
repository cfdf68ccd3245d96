"""Files that a stranger may have made: read, taken over and removed without being led elsewhere.

A symbolic link could name any file of ours, a pipe never ends, a tree can be deeper than a path can
say (``PATH_MAX``) or than Python's functions can recurse. Its processes must have ended before.
"""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path


def read_regular(path: Path, limit: int) -> str:
    """The text of an ordinary file, at most ``limit`` bytes of it; "" for anything else."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        ordinary = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return os.read(descriptor, limit).decode("utf-8", "replace") if ordinary else ""
    finally:
        os.close(descriptor)


def folders_below(root: Path) -> Iterator[Path]:
    """The folder and all folders in it that a path can name."""
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        with contextlib.suppress(OSError):
            with os.scandir(folder) as entries:
                found = [Path(item.path) for item in entries if item.is_dir(follow_symlinks=False)]
            waiting += found
            yield folder


def take_over(folder: Path) -> None:
    """Make everything in the folder our own, and nobody else's to write; as root.

    Raises:
        OSError: something of it cannot be taken.
    """
    if os.geteuid() == 0:
        _run("chown", "-R", "-h", "-P", "0:0", "--", str(folder))
        _run("chmod", "-R", "go-w,a-s", "--", str(folder))


def remove(folder: Path) -> None:
    """Remove the folder with all that is in it, as far as that is possible."""
    with contextlib.suppress(OSError):
        _run("rm", "-rf", "--", str(folder))


def _run(*command: str) -> None:
    environ = {"PATH": os.defpath, "LC_ALL": "C"}
    done = subprocess.run(command, env=environ, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(f"{command[0]}: {done.stderr.strip()[-500:]}")
