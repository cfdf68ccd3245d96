"""The working tree as a tree object: tracked changes, and new files that are not ignored."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from bot.changes.git import Repository
from bot.changes.process import GitError, to_bytes, to_text


def _copy_index(repository: Repository) -> None:
    """The checkout's index into the private directory.

    Its modification time goes along: git trusts an entry only if the file is older than the index
    (gitformat-index(5), "racy git").
    """
    own = repository.checkout.own
    for path in (own / "index", *own.glob("sharedindex.*")):
        if path.is_file():
            copy = repository.directory / path.name
            shutil.copyfile(path, copy)
            info = path.stat()
            os.utime(copy, ns=(info.st_atime_ns, info.st_mtime_ns))


def _user_excludes(repository: Repository) -> str:
    """The file of patterns that this user never wants to see (gitignore(5)).

    Its name comes from the user's own configuration, never from the checkout's.
    """
    home = repository.environ.get("HOME")
    if not home:
        return "/dev/null"
    folder = repository.environ.get("XDG_CONFIG_HOME") or f"{home}/.config"
    default = f"{folder}/git/ignore"
    for path in (f"{home}/.gitconfig", f"{folder}/git/config"):
        if not Path(path).is_file():
            continue
        answer = repository.run(
            *("config", "--file", path, "--includes", "--type=path", "--get", "core.excludesFile"),
            environ={"HOME": home},
            accept=range(256),
        )
        if name := to_text(answer.stdout).rstrip("\n"):
            return name
    return default


def _candidates(repository: Repository, environ: dict[str, str]) -> set[str]:
    """Paths on which the working tree may differ from the index; nested repositories left out."""
    answer = repository.run(
        *("-c", f"core.excludesFile={_user_excludes(repository)}", "ls-files", "-z"),
        *("--modified", "--deleted", "--others", "--exclude-standard"),
        environ=environ,
    )
    names = {to_text(name) for name in answer.stdout.split(b"\0") if name}
    return {name for name in names if not name.endswith("/")}


def _is_gone(root: Path, name: str) -> bool:
    """Whether no file, link or submodule is there by that name, or only behind a symbolic link."""
    relative = Path(os.fsdecode(to_bytes(name)))
    if any((root / folder).is_symlink() for folder in relative.parents):
        return True
    place = root / relative
    became_folder = place.is_dir() and not place.is_symlink() and not (place / ".git").exists()
    return became_folder or not os.path.lexists(place)


def working_tree(repository: Repository) -> str:
    """The id of a tree that holds what ``git add --all`` and a commit would make of the folder.

    ``git add`` itself is not used: it runs ``git status`` inside submodules, with their
    configuration. The checkout's index is copied, never written.

    Raises:
        GitError: a file cannot be read, or a merge is not finished.
    """
    _copy_index(repository)
    environ = {
        "GIT_WORK_TREE": str(repository.root),
        "GIT_INDEX_FILE": str(repository.directory / "index"),
    }
    names = _candidates(repository, environ)
    gone = {name for name in names if _is_gone(repository.root, name)}

    def update(paths: Iterable[str], *options: str) -> None:
        data = b"".join(to_bytes(path) + b"\0" for path in sorted(paths))
        if data:
            repository.run("update-index", *options, "-z", "--stdin", stdin=data, environ=environ)

    update(gone, "--force-remove")
    try:
        update(names - gone, "--add", "--replace")
    except GitError as error:
        raise GitError(f"the working tree cannot be read: {error}") from None
    return repository.run("write-tree", environ=environ).stdout.decode().strip()
