"""Where a checkout keeps its things. Only files are read: no git runs with its configuration."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bot.changes.process import GitError


@dataclass(frozen=True)
class Checkout:
    """A checkout's folders.

    ``root`` is the top of the working tree, ``own`` its git directory (HEAD, index), ``common`` the
    one that all working trees of the repository share (objects, refs); both are the same unless
    it was made by ``git worktree add``. ``subfolder`` is the folder that was asked for, relative
    to ``root`` ("" for the root itself).
    """

    root: Path
    own: Path
    common: Path
    subfolder: str


def _read_line(path: Path) -> str:
    """The first line of a small file of git's, names of folders in it kept byte for byte."""
    with path.open("rb") as stream:
        return os.fsdecode(stream.read(1 << 16)).split("\n", 1)[0]


def _git_directory(dot_git: Path) -> Path | None:
    """The git directory that ``.git`` is or points to (gitrepository-layout(5)), if valid."""
    try:
        if dot_git.is_file():
            word, _, target = _read_line(dot_git).partition(": ")
            if word != "gitdir":
                return None
            dot_git = dot_git.parent / target
        return dot_git.resolve() if (dot_git / "HEAD").is_file() else None
    except OSError:
        return None


def find_checkout(folder: Path) -> Checkout:
    """The checkout that holds ``folder``, looked for upwards as git does.

    ``core.worktree`` is not obeyed: it could name any folder of this machine.

    Raises:
        GitError: no such folder, no repository, or a bare one.
    """
    start = folder.resolve()
    if not start.is_dir():
        raise GitError(f"{folder} is not a folder: give --repo the folder of a git checkout")
    for root in (start, *start.parents):
        own = _git_directory(root / ".git")
        if own is None:
            continue
        pointer = own / "commondir"
        common = (own / _read_line(pointer)).resolve() if pointer.is_file() else own
        if (common / "objects").is_dir():
            subfolder = "" if root == start else start.relative_to(root).as_posix()
            return Checkout(root, own, common, subfolder)
    if (start / "objects").is_dir() and (start / "HEAD").is_file():
        raise GitError(f"{folder} is a bare repository: give --repo the folder of a checkout of it")
    raise GitError(f"{folder} is not inside a git checkout: give --repo the folder of one")
