"""Which paths another user can reach, and which an interpreter needs."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from bot.observe.strangers_files import read_regular

_SETTINGS_BYTES = 64 * 1024
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
    for line in read_regular(prefix / "pyvenv.cfg", _SETTINGS_BYTES).splitlines():
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
