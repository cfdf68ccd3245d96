"""A tree to be read file by file, without a working tree."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from bot.changes.git import Repository
from bot.changes.links import target_inside
from bot.changes.process import to_text
from bot.changes.trees import TreeEntry, read_blobs, tree_files

LIMIT_BYTES = 16 * 1024 * 1024  # no file that the bot reads itself is that large
_LINKS = 8  # links followed one after another


class GitTree:
    """One tree as ``bot.projects`` reads it: ``paths`` and ``read``, backed by git's blobs.

    Each read of a file not seen before starts a git of 3 ms or so: ``prefetch`` brings many at
    once.

    Raises:
        GitError: no such tree.
    """

    def __init__(self, repository: Repository, tree: str) -> None:
        self.tree = tree
        self._repository = repository
        self._entries = {
            path: entry
            for path, entry in tree_files(repository, tree).items()
            if not entry.is_submodule
        }
        self._blobs: dict[str, bytes] = {}

    @property
    def paths(self) -> Collection[str]:
        """Every file and symbolic link, relative to the root, in git's order."""
        return self._entries.keys()

    def entry(self, path: str) -> TreeEntry | None:
        """Mode, id and size of one path, None where there is no such file."""
        return self._entries.get(path)

    def prefetch(self, paths: Iterable[str]) -> None:
        """Read all these files (those that exist) with one git."""
        entries = (self._entries[path] for path in paths if path in self._entries)
        wanted = {entry.oid for entry in entries if entry.size <= LIMIT_BYTES}
        self._blobs |= read_blobs(self._repository, wanted - self._blobs.keys())

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; a symbolic link gives the file it leads to inside the tree.

        None where there is no such file, or it is larger than 16 MiB.

        Raises:
            GitError: the object is missing (a broken or partial clone).
        """
        for _ in range(_LINKS):
            entry = self._entries.get(path)
            if entry is None or entry.size > LIMIT_BYTES:
                return None
            if entry.oid not in self._blobs:
                self.prefetch([path])
            data = self._blobs[entry.oid]
            if not entry.is_symlink:
                return data
            target = target_inside(path, to_text(data))
            if target is None:
                return None
            path = target
        return None
