"""What this package reads: one tree of files, never a checkout, never by importing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


class TreeView(Protocol):
    """One tree of a repository; paths are relative to its root, with forward slashes."""

    @property
    def paths(self) -> Collection[str]:
        """Every file of the tree; membership is tested often, so a set or mapping's keys."""
        ...

    def read(self, path: str) -> bytes | None:
        """The file's bytes, None when there is no such file."""
        ...


@runtime_checkable
class _Prefetching(Protocol):
    def prefetch(self, paths: Iterable[str]) -> None: ...


def prefetch(view: TreeView, paths: Iterable[str]) -> None:
    """Announce what will be read, so that a view that reads many files at once can."""
    if isinstance(view, _Prefetching):
        view.prefetch(paths)


@dataclass(frozen=True)
class ConfigurationProblem:
    """A file that could not be understood: where, and what to do about it. ``line`` is from 1."""

    path: str
    line: int
    message: str


def parent(path: str) -> str:
    """The folder that holds the path, "" for the root."""
    return path.rpartition("/")[0]


def join(folder: str, name: str) -> str | None:
    """The normalised path of a name in a folder, "" for the root, None when it leaves the tree."""
    parts: list[str] = []
    for part in [*folder.split("/"), *name.replace("\\", "/").split("/")]:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def upwards(folder: str) -> Iterator[str]:
    """The folder, its parent, and so on up to the root ("")."""
    yield folder
    while folder:
        folder = parent(folder)
        yield folder


def inside(path: str, folder: str) -> bool:
    """Whether the path lies in the folder or below it; everything lies in the root ("")."""
    return not folder or path.startswith(folder + "/")


def suffix(path: str) -> str:
    """The file name's suffix in lower case, with its dot."""
    stem, dot, ending = path.rpartition("/")[2].rpartition(".")
    return f".{ending.lower()}" if dot and stem else ""
