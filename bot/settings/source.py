"""The configuration file of one tree: which one counts, its table, and the lines of its keys."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.projects.tree import TreeView
from bot.settings.positions import Path, Positions

OWN_FILE = ".db-recheck.toml"
PYPROJECT = "pyproject.toml"
TABLE = ("tool", "db-recheck")


class SettingsError(Exception):
    """A setting is not what it has to be: the message says where, and what is expected.

    ``path`` is the file, or the flag or input; ``line`` is from 1, None for flags and inputs.
    """

    def __init__(self, path: str, line: int | None, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}")
        self.path = path
        self.line = line
        self.message = message


@dataclass(frozen=True)
class ConfigurationFile:
    """One file's table of settings, as TOML values, and where they stand."""

    path: str
    table: Mapping[str, Any]
    positions: Positions
    prefix: Path

    def line(self, *keys: str) -> int:
        """The line of a key in the table (from 1), 1 when it cannot be told."""
        return self.positions.line((*self.prefix, *keys))

    def lines(self, key: str, count: int) -> tuple[int, ...]:
        """The line of each of the tables of an array; the key's where it is written inline."""
        found = self.positions.headers((*self.prefix, key))
        return found if len(found) == count else (self.line(key),) * count


NO_FILE = ConfigurationFile(PYPROJECT, {}, Positions(""), ())


def find_file(view: TreeView) -> ConfigurationFile:
    """The tree's configuration: ``.db-recheck.toml``, else ``[tool.db-recheck]``, else no settings.

    Raises:
        SettingsError: it is not TOML, or the table is none.
    """
    data = view.read(OWN_FILE)
    if data is not None:
        return read_file(OWN_FILE, data)
    data = view.read(PYPROJECT)
    if data is None or b"db-recheck" not in data:
        return NO_FILE  # a broken pyproject.toml without settings is not for us to judge
    return read_file(PYPROJECT, data)


def read_file(path: str, data: bytes) -> ConfigurationFile:
    """One configuration file; the table is ``[tool.db-recheck]`` in a ``pyproject.toml``.

    Raises:
        SettingsError: it is not TOML, or the table is none.
    """
    try:
        text = data.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
        table: object = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SettingsError(path, line, "is not UTF-8: save it in that encoding") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(path, _line(str(error), text), f"is not TOML: {error}") from None
    except RecursionError:
        raise SettingsError(path, 1, "is nested too deeply") from None
    prefix = TABLE if path.rpartition("/")[2] == PYPROJECT else ()
    positions = Positions(text)
    for depth, name in enumerate(prefix, 1):
        table = table.get(name, {}) if isinstance(table, dict) else None
        if not isinstance(table, dict):
            where = ".".join(prefix[:depth])
            raise SettingsError(path, positions.line(prefix[:depth]), f"[{where}] must be a table")
    assert isinstance(table, dict)  # noqa: S101 # tomllib returns one, and so does the loop
    return ConfigurationFile(path, table, positions, prefix)


def _line(message: str, text: str) -> int:
    found = re.search(r"at line (\d+)", message)
    return int(found[1]) if found else max(text.count("\n"), 1)
