"""Lock files that uv does not read, as pinned PEP 508 requirements."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.projects.requirement import matters, poetry_table
from bot.projects.tree import join

_WINDOWS = frozenset({"pywin32", "pywinpty", "pywin32-ctypes", "winloop"})
_MAIN = frozenset({"main", "default"})


@dataclass(frozen=True)
class Locked:
    """What a lock file pins: requirements, and folders of the tree it takes packages from."""

    requirements: tuple[str, ...]
    local: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Package:
    name: str
    version: str
    groups: frozenset[str]
    optional: bool
    marker: str
    source: Mapping[str, Any]


def read_lock(path: str, data: bytes) -> Locked | None:
    """The pins of a poetry, pdm, Pipfile or PEP 751 lock file; None when it cannot be read.

    Packages for development alone are left out, unless Alembic or a driver is among them; then
    their whole group counts.
    """
    folder, _, name = path.rpartition("/")
    reader = _READERS.get(name)
    if reader is None:
        return None
    try:
        packages = list(reader(data.decode("utf-8")))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    groups = {group for item in packages if matters(item.name) for group in item.groups} | _MAIN
    kept = [
        item
        for item in packages
        if (not item.groups or item.groups & groups) and (not item.optional or matters(item.name))
    ]
    local = (_folder(item, folder) for item in kept)
    return Locked(
        tuple(text for item in kept if (text := _pinned(item))),
        tuple(sorted({place for place in local if place is not None})),
    )


def _folder(package: _Package, folder: str) -> str | None:
    place = package.source.get("directory")
    return join(folder, place) if isinstance(place, str) else None


def _pinned(package: _Package) -> str | None:
    if "directory" in package.source or "file" in package.source:
        return None
    marker = package.marker
    if package.name.lower() in _WINDOWS and not marker:
        marker = "sys_platform == 'win32'"
    entry = {**package.source, "markers": marker} if marker else dict(package.source)
    return poetry_table(package.name, {**entry, "version": package.version})


def _poetry(text: str) -> Iterator[_Package]:
    for item in tomllib.loads(text)["package"]:
        source = item.get("source", {})
        kind, url = source.get("type", ""), source.get("url", "")
        rev = source.get("resolved_reference") or source.get("reference")
        known = {"git": {"git": url, "rev": rev}, "url": {"url": url}}
        markers = item.get("markers", "")
        yield _Package(
            name=item["name"],
            version=item["version"],
            groups=frozenset(item.get("groups") or [item.get("category", "main")]),
            optional=bool(item.get("optional")),
            marker=markers.get("main", "") if isinstance(markers, dict) else markers,
            source=known.get(kind, {kind: url} if kind in ("directory", "file") else {}),
        )


def _pdm(text: str) -> Iterator[_Package]:
    for item in tomllib.loads(text)["package"]:
        known = {"git": item.get("git"), "rev": item.get("revision"), "url": item.get("url")}
        source = {key: value for key, value in known.items() if value}
        if item.get("path"):
            source = {"directory": item["path"]}
        yield _Package(
            name=item["name"],
            version=item["version"],
            groups=frozenset(item.get("groups", ())),
            optional=False,
            marker=item.get("marker", ""),
            source=source,
        )


def _pipenv(text: str) -> Iterator[_Package]:
    document = json.loads(text)
    for group in ("default", "develop"):
        for name, item in document.get(group, {}).items():
            source = {"git": item["git"], "rev": item.get("ref")} if "git" in item else {}
            if "path" in item:
                source = {"directory": item["path"]}
            yield _Package(
                name=name,
                version=item.get("version", "*").removeprefix("=="),
                groups=frozenset({group}),
                optional=False,
                marker=item.get("markers", ""),
                source=source,
            )


def _pylock(text: str) -> Iterator[_Package]:
    for item in tomllib.loads(text)["packages"]:
        vcs, directory = item.get("vcs", {}), item.get("directory", {})
        source = {"git": vcs.get("url"), "rev": vcs.get("commit-id")} if vcs else {}
        yield _Package(
            name=item["name"],
            version=item.get("version", "*"),
            groups=frozenset(),
            optional=False,
            marker=item.get("marker", ""),
            source={"directory": directory["path"]} if directory else source,
        )


_READERS: Mapping[str, Callable[[str], Iterator[_Package]]] = {
    "poetry.lock": _poetry,
    "pdm.lock": _pdm,
    "Pipfile.lock": _pipenv,
    "pylock.toml": _pylock,
}
