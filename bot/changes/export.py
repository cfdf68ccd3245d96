"""A tree written into an empty folder, for code that is not trusted with the checkout."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from bot.changes.git import Repository
from bot.changes.links import target_inside
from bot.changes.process import GitError, to_bytes, to_text
from bot.changes.trees import TreeEntry, read_blobs, stream_blobs, tree_files

_FOLDER = 0o755
_FILE = 0o644
_PROGRAM = 0o755
_CODE = (".py", ".toml", ".ini", ".cfg", ".lock", ".sql", ".mako")
_DEPTH = 200  # parts of a path: what deletes or walks the folder later may call itself for each
# a name too long, a file that is also a folder, a link to nothing, bytes the file system refuses
_UNWRITABLE = {errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.ENOENT, errno.EILSEQ}


@dataclass(frozen=True)
class Exported:
    """What was written, and what was left out.

    ``files`` counts regular files. ``links`` are symbolic links that lead out of the tree;
    ``submodules`` are there as empty folders; ``refused`` are paths that no honest tree holds
    (``..``, ``.git``, a file that is also a folder, more than 200 folders) or that this file
    system cannot hold; ``missing`` are files whose contents the clone lacks.
    """

    files: int
    links: tuple[str, ...] = ()
    submodules: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def _is_safe(path: str) -> bool:
    """Whether every part is an ordinary name: git refuses others on checkout, not in objects."""
    parts = path.split("/")
    return len(parts) <= _DEPTH and all(
        part not in ("", ".", "..") and part.lower() != ".git" for part in parts
    )


class _Writer:
    """Writes below one folder, the modes not depending on the umask."""

    def __init__(self, target: Path) -> None:
        self._root = os.fsencode(target)
        self._folders = {self._root}
        self.refused: list[str] = []

    def _place(self, path: str) -> bytes:
        return self._root + b"/" + to_bytes(path)

    def folder(self, place: bytes) -> None:
        """Make a folder and those above it."""
        missing = []
        while place not in self._folders:
            missing.append(place)
            place = place.rpartition(b"/")[0]
        for part in reversed(missing):
            folder = Path(os.fsdecode(part))
            folder.mkdir()
            folder.chmod(_FOLDER)
            self._folders.add(part)

    def write(self, path: str, entry: TreeEntry, data: bytes | None) -> bool:
        """Write one entry; False, and a note of it, where the file system cannot hold it."""
        place = self._place(path)
        try:
            if entry.is_submodule:
                self.folder(place)
                return True
            self.folder(place.rpartition(b"/")[0])
            if entry.is_symlink:
                Path(os.fsdecode(place)).symlink_to(os.fsdecode(data or b""))
                return True
            # O_EXCL follows no link and replaces nothing
            handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE)
            try:
                os.fchmod(handle, _PROGRAM if entry.is_executable else _FILE)
                rest = memoryview(data or b"")
                while rest:
                    rest = rest[os.write(handle, rest) :]
            finally:
                os.close(handle)
        except OSError as error:
            if error.errno not in _UNWRITABLE:
                raise GitError(f"the tree cannot be written: {error.strerror}") from None
            self.refused.append(path)
            return False
        return True


def export_tree(repository: Repository, tree: str, target: Path) -> Exported:
    """Write a tree's files below ``target``, an empty folder that is made if it is missing.

    The bytes are those of the blobs: no filter, no line-end conversion, no ``export-ignore``.
    Folders are 0755 and files 0644 (0755 where executable), readable by any user. Symbolic links
    that stay inside are made last, so that nothing is ever written through one. There is no
    ``.git``. A clone may lack large files: those that no code is made of are left out.

    Raises:
        GitError: no such tree, a missing source file, ``target`` is not empty, or the disk is full.
    """
    entries = tree_files(repository, tree)
    target.mkdir(parents=True, exist_ok=True)
    if any(target.iterdir()):
        raise GitError(f"{target} is not empty")
    target.chmod(_FOLDER)
    writer = _Writer(target)
    writer.refused += [path for path in entries if not _is_safe(path)]
    safe = {path: entry for path, entry in entries.items() if _is_safe(path)}

    places: dict[str, list[str]] = {}
    for path, entry in safe.items():
        if not entry.is_symlink and not entry.is_submodule:
            places.setdefault(entry.oid, []).append(path)
    files = 0
    absent: list[str] = []
    for oid, data in stream_blobs(repository, places, absent):
        files += sum(writer.write(path, safe[path], data) for path in places[oid])
    missing = sorted(path for oid in absent for path in places[oid])
    if code := [path for path in missing if path.endswith(_CODE)]:
        raise GitError(
            f"the contents of {code[0]} are missing from this clone, which is partial or broken; "
            "clone it whole (without --filter) and try again"
        )
    submodules = [path for path, entry in safe.items() if entry.is_submodule]
    submodules = [path for path in submodules if writer.write(path, safe[path], None)]

    links = {path: entry for path, entry in safe.items() if entry.is_symlink}
    targets = read_blobs(repository, (entry.oid for entry in links.values()))
    outside = []
    for path, entry in links.items():
        if target_inside(path, to_text(targets[entry.oid])) is None:
            outside.append(path)
        else:
            writer.write(path, entry, targets[entry.oid])
    return Exported(files, tuple(outside), tuple(submodules), tuple(writer.refused), tuple(missing))
