"""The project's own package, as far as an application asks for it while it is made.

Dependencies are installed, the project itself is not: it runs from its tree. Some applications find
their own plugins by the entry points that installing them would have written down.
"""

from __future__ import annotations

import ast
import configparser
import os
import re
import sys
import tempfile
from typing import Any, Mapping

from .scan import source_of

_VERSION = "0.0.0"


def entry_points(root: str) -> dict[str, list[str]]:
    """``name = module:attribute`` lines by group, as the tree declares them; empty without any."""
    found: dict[str, list[str]] = {}
    for groups in (_of_pyproject(root), _of_cfg(root), _of_setup(root)):
        for group, lines in groups.items():
            found.setdefault(group, []).extend(lines)
    return found


def install(root: str) -> None:
    """Put metadata with these entry points on ``sys.path``, where every reader looks for it."""
    place = tempfile.mkdtemp(prefix="db-recheck-package-")
    folder = os.path.join(place, f"db_recheck_target-{_VERSION}.dist-info")
    os.mkdir(folder)
    metadata = f"Metadata-Version: 2.1\nName: db-recheck-target\nVersion: {_VERSION}\n"
    sections = [
        "\n".join([f"[{group}]", *lines, ""]) for group, lines in entry_points(root).items()
    ]
    for name, text in (("METADATA", metadata), ("entry_points.txt", "\n".join(sections))):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    sys.path.append(place)


def _read(root: str, name: str) -> str:
    return source_of(os.path.join(root, name)).decode("utf-8", "replace")


def _of_pyproject(root: str) -> dict[str, list[str]]:
    try:
        import tomllib
    except ImportError:  # before Python 3.11
        return {}
    try:
        data: dict[str, Any] = tomllib.loads(_read(root, "pyproject.toml"))
        groups = {
            **data.get("project", {}).get("entry-points", {}),
            **data.get("tool", {}).get("poetry", {}).get("plugins", {}),
        }
        return {group: _lines(entries) for group, entries in groups.items()}
    except (ValueError, AttributeError, RecursionError):
        return {}


def _of_cfg(root: str) -> dict[str, list[str]]:
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(_read(root, "setup.cfg"))
    except configparser.Error:
        return {}
    name = "options.entry_points"
    return {group: _lines(text) for group, text in parser.items(name)} if name in parser else {}


def _of_setup(root: str) -> dict[str, list[str]]:
    """Where ``setup()`` is given them as a literal."""
    try:
        parsed = ast.parse(_read(root, "setup.py"))
        stated = [
            ast.literal_eval(keyword.value)
            for node in ast.walk(parsed)
            if isinstance(node, ast.Call)
            for keyword in node.keywords
            if keyword.arg == "entry_points"
        ]
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the parser's own
        return {}
    return {
        str(group): _lines(entries)
        for item in stated
        if isinstance(item, dict)
        for group, entries in item.items()
    }


def _lines(entries: str | list[Any] | tuple[Any, ...] | Mapping[str, Any]) -> list[str]:
    if isinstance(entries, str):
        entries = entries.splitlines()
    elif not isinstance(entries, (list, tuple)):
        entries = [f"{name} = {value}" for name, value in entries.items()]
    return [line for item in entries if re.match(r"[^\[\]=]+=", line := str(item).strip())]
