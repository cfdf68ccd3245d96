"""Which type checker a project configures, and in which folder: read, never run."""

from __future__ import annotations

import configparser
from collections.abc import Callable, Iterable

from bot.facts.type_check import Checker
from bot.projects.pyproject import tool_table
from bot.projects.tree import join, upwards

Read = Callable[[str], bytes | None]


def type_checkers(read: Read, folder: str) -> Iterable[tuple[Checker, str]]:
    """(checker, folder of its configuration), nearest first: ``mypy`` or ``pyright``."""
    for place in upwards(folder):
        if _mypy(read, place):
            yield "mypy", place
        if _pyright(read, place):
            yield "pyright", place


def _mypy(read: Read, folder: str) -> bool:
    own = (join(folder, name) for name in ("mypy.ini", ".mypy.ini"))
    if any(path is not None and read(path) is not None for path in own):
        return True
    shared = read(join(folder, "setup.cfg") or "setup.cfg")
    return _table(read, folder, "mypy") or (shared is not None and _has_section(shared))


def _pyright(read: Read, folder: str) -> bool:
    own = read(join(folder, "pyrightconfig.json") or "pyrightconfig.json")
    return own is not None or any(
        _table(read, folder, name) for name in ("pyright", "basedpyright")
    )


def _table(read: Read, folder: str, name: str) -> bool:
    found = tool_table(read(join(folder, "pyproject.toml") or "pyproject.toml"), name)
    return isinstance(found, dict)


def _has_section(data: bytes) -> bool:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(data.decode("utf-8", "replace"))
    except configparser.Error:
        return False
    return parser.has_section("mypy")
