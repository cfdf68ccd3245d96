"""Which paths another user can reach, and the private view of the file system that opens the rest.

A Python under root's home (0700) cannot be executed by another user. Nobody's folders are chmodded
for that: the child gets a mount namespace of its own (``mount_namespaces(7)``) in which a closed
folder is an empty one, with only what the child needs bound back at its own path, read-only.
"""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

_HOPS = 40  # symbolic links followed at most, like path_resolution(7)


def is_open(path: Path, uid: int, gid: int) -> bool:
    """Whether that user may look up names in the folder (access control lists are not read)."""
    try:
        found = path.stat()
    except OSError:
        return False
    if found.st_uid == uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def closed_folder(path: Path, uid: int, gid: int) -> Path | None:
    """The outermost folder above the path that keeps that user out, None when none does."""
    for folder in reversed(path.parents):
        if folder.exists() and not is_open(folder, uid, gid):
            return folder
    return None


def is_python_prefix(folder: Path) -> bool:
    """Whether the folder is what ``sys.prefix`` or ``sys.base_prefix`` could be."""
    if not any((folder / "bin" / name).exists() for name in ("python3", "python")):
        return False
    library = folder / "lib"
    return (folder / "pyvenv.cfg").is_file() or any(library.glob("python3*/os.py"))


def pyvenv_home(prefix: Path) -> Path | None:
    """The ``home`` of a virtual environment: the folder of the Python it was made with."""
    try:
        text = (prefix / "pyvenv.cfg").read_text("utf-8", "replace")
    except OSError:
        return None
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals and key.strip() == "home" and value.strip().startswith("/"):
            return Path(value.strip())
    return None


def interpreter_folders(python: Path) -> tuple[Path, ...]:
    """The folders without which that interpreter cannot start, read from disk without running it.

    Its environment, the installation behind it, and each stop of the symbolic links between. Only
    folders that look like a Python are named: ``pyvenv.cfg`` may come from a stranger.
    """
    prefixes: list[Path] = []
    current = python.absolute()
    for _ in range(_HOPS):
        prefixes.append(current.parent.parent)
        if home := pyvenv_home(current.parent.parent):
            prefixes.append(home.parent)
            prefixes.append(Path(os.path.realpath(home)).parent)
        if not current.is_symlink():
            break
        current = Path(os.path.normpath(current.parent / current.readlink()))
    prefixes.append(Path(os.path.realpath(python)).parent.parent)  # Path.resolve raises on loops
    return tuple(folder for folder in dict.fromkeys(prefixes) if is_python_prefix(folder))


def with_targets(paths: Iterable[Path]) -> list[Path]:
    """The paths as they are written, and what they stand for when a symbolic link is in them."""
    both = (spelling for path in paths for spelling in (path.absolute(), os.path.realpath(path)))
    return list(dict.fromkeys(map(Path, both)))


def outermost(paths: Iterable[Path]) -> list[Path]:
    """The paths without those that lie inside another of them."""
    unique = sorted(set(paths))
    return [path for path in unique if not any(other in path.parents for other in unique)]


def _make(path: Path) -> str:
    return "mkdir -p" if path.is_dir() else "touch"


def _touches(one: Path, other: Path) -> bool:
    return one == other or one in other.parents or other in one.parents


def mount_script(
    emptied: Sequence[Path], readable: Sequence[Path], writable: Sequence[Path]
) -> str:
    """A shell script that empties folders but for what the child needs, then execs "$@".

    It must run as root in a mount namespace of its own, where what it mounts is seen by nobody
    else. Paths are absolute and exist. A needed path outside the emptied folders stays as it is.

    Raises:
        ValueError: no folder is free to hold what is needed while the folders above are covered.
    """
    covered = outermost(emptied)
    inside = [
        path
        for path in outermost([*readable, *writable])
        if any(folder == path or folder in path.parents for folder in covered)
    ]
    holding = next(
        (
            spot
            for spot in map(Path, ("/mnt", "/media", "/srv", "/opt", "/var/empty", "/tmp"))  # noqa: S108 - covered by a mount that only the child sees
            if spot.is_dir() and not any(_touches(spot, path) for path in [*covered, *inside])
        ),
        None,
    )
    if holding is None:
        raise ValueError("no folder is free for mounts")
    quote = shlex.quote
    tmpfs = "mount -t tmpfs -o mode=0755,size=1m,nosuid,nodev tmpfs"
    lines = ["set -e", "umask 022", f"{tmpfs} {quote(str(holding))}"]
    for number, path in enumerate(inside):
        slot = quote(str(holding / str(number)))
        lines += [f"{_make(path)} {slot}", f"mount --rbind {quote(str(path))} {slot}"]
    lines += [f"{tmpfs} {quote(str(folder))}" for folder in covered]
    for number, path in enumerate(inside):
        slot, target = quote(str(holding / str(number))), quote(str(path))
        lines += [f"mkdir -p {quote(str(path.parent))}", f"{_make(path)} {target}"]
        lines.append(f"mount --move {slot} {target}")
        if not any(_touches(path, other) for other in writable):
            lines.append(f"mount -o remount,bind,ro {target}")
    lines += [f"umount {quote(str(holding))}", 'exec "$@"']
    return "\n".join(lines)
