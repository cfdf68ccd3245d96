"""Where the relative, absolute and packaged paths of an Alembic configuration lead in a tree."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from bot.projects.ini import HERE
from bot.projects.tree import TreeView, join, parent, upwards

_SEPARATORS = {"space": " ", "newline": "\n", "os": ":", ":": ":", ";": ";"}


def split_paths(value: str, separator: str | None, *, colons: bool = False) -> tuple[str, ...]:
    """A list of paths as Alembic splits it (``Config.get_version_locations_list``).

    ``separator`` is ``path_separator`` or ``version_path_separator`` as stated; without one Alembic
    splits at spaces and commas, and for ``prepend_sys_path`` (``colons``) at colons, too.

    Raises:
        ValueError: a separator Alembic does not know.
    """
    if not value.strip():
        return ()  # Alembic does not look at the separator then
    if separator is None:
        parts = re.split(r", *|(?: +)|\:" if colons else r", *|(?: +)", value)
    elif separator in _SEPARATORS:
        parts = value.split(_SEPARATORS[separator])
    else:
        known = ", ".join(_SEPARATORS)
        raise ValueError(f"{separator!r} is not a path separator Alembic knows ({known})")
    return tuple(stripped for part in parts if (stripped := part.strip()))


class Folders:
    """The folders of a tree, and where packages and env.py files lie in it."""

    def __init__(self, view: TreeView) -> None:
        self.paths = view.paths

    @cached_property
    def all(self) -> frozenset[str]:
        """Every folder that holds a file, directly or below; the root is ""."""
        found = {""}
        for path in self.paths:
            folder = parent(path)
            while folder not in found:
                found.add(folder)
                folder = parent(folder)
        return frozenset(found)

    @cached_property
    def files(self) -> Mapping[str, list[str]]:
        """For each folder the files that lie directly in it."""
        found: dict[str, list[str]] = {}
        for path in self.paths:
            found.setdefault(parent(path), []).append(path)
        return found

    @cached_property
    def scripts(self) -> tuple[str, ...]:
        """Folders that hold an env.py, shortest first."""
        names = (path for path in self.paths if path == "env.py" or path.endswith("/env.py"))
        return tuple(sorted((parent(path) for path in names), key=lambda name: (len(name), name)))

    def package_root(self, folder: str) -> str:
        """The first folder at or above it that is no package: where imports start."""
        while folder and f"{folder}/__init__.py" in self.paths:
            folder = parent(folder)
        return folder

    def roots(self, folder: str) -> Iterator[str]:
        """Where the project's packages may lie, nearest first: folders upwards, each with src/."""
        for candidate in upwards(folder):
            yield candidate
            source = join(candidate, "src")
            if source in self.all:
                yield source

    def module_root(self, name: str, near: str) -> str | None:
        """The folder from which the top-level module can be imported, nearest first, or None."""
        for root in self.roots(near):
            module = join(root, name)
            if f"{module}.py" in self.paths or module in self.all:
                return root
        return None


def script_location(stated: str, config: str, folders: Folders) -> tuple[str, str] | None:
    """The folder with env.py that a ``script_location`` means, and the folder to run Alembic in.

    Alembic takes a relative path from the current folder, which is not written anywhere: tried are
    the configuration's own folder, those above it, then any from which the path exists.
    """
    home = parent(config)
    if stated.startswith(HERE):
        place = join("", stated.removeprefix(HERE))
        return (place, home) if place is not None and place in folders.scripts else None
    if ":" in stated and not stated.startswith("/"):
        place = packaged(stated, home, folders)
        return (place, home) if place is not None and place in folders.scripts else None
    if not stated.startswith("/"):
        for workdir in upwards(home):
            if (place := join(workdir, stated)) is not None and place in folders.scripts:
                return place, workdir
    # run from elsewhere, or an absolute path of the container it is deployed in
    tail = [part for part in stated.split("/") if part not in ("", ".", "..")]
    while tail:
        ending = "/".join(tail)
        for place in folders.scripts:
            if place == ending or place.endswith("/" + ending):
                workdir = place[: -len(ending)].rstrip("/")
                return place, home if stated.startswith("/") else workdir
        tail = tail[1:] if stated.startswith("/") else []
    return None


def packaged(stated: str, near: str, folders: Folders) -> str | None:
    """The folder of ``package:folder`` (``alembic.util.coerce_resource_to_filename``), or None."""
    package, *rest = stated.split(":")
    root = folders.module_root(package.split(".")[0], near)
    return None if root is None else join(root, "/".join([*package.split("."), *rest]))


def location(stated: str, workdir: str, near: str, folders: Folders) -> str | None:
    """The folder that a ``version_locations`` or ``prepend_sys_path`` entry means.

    None when it lies outside the tree.
    """
    if stated.startswith(HERE):
        return join("", stated.removeprefix(HERE))
    if stated.startswith("/"):
        tail = [part for part in stated.split("/") if part]
        while tail:
            place = join(near, "/".join(tail))
            if place in folders.all:
                return place
            tail = tail[1:]
        return None
    if ":" in stated:
        return packaged(stated, near, folders)
    return join(workdir, stated)
