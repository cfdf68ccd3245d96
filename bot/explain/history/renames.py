"""What the upgrades renamed: a new name is not a new object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bot.explain.history.revisions import present
from bot.facts import Project
from bot.sql import Rename, pieces

_TABLES = ("table", "foreign table")


@dataclass
class Renames:
    """Today's names and those that base knows.

    ``tables`` and ``indexes`` map ``schema.name``; ``columns`` and ``constraints`` are by the
    table's name at base and their own.
    """

    tables: dict[str, str] = field(default_factory=dict)
    indexes: dict[str, str] = field(default_factory=dict)
    columns: dict[tuple[str, str], str] = field(default_factory=dict)
    constraints: dict[tuple[str, str], str] = field(default_factory=dict)

    def table(self, name: str) -> str:
        """The table's name at base; "" where base's table of that name has another today."""
        return _before(self.tables, name, name)

    def column(self, table: str, name: str) -> str:
        """The column's name at base, likewise; ``table`` is the table's there."""
        return _before(self.columns, (table, name), name)

    def constraint(self, table: str, name: str) -> str:
        """The constraint's name at base, likewise; ``table`` is the table's there."""
        return _before(self.constraints, (table, name), name)

    def index(self, name: str) -> str:
        """The index's name at base, likewise."""
        return _before(self.indexes, name, name)


_Key = TypeVar("_Key")


def _before(names: Mapping[_Key, str], key: _Key, name: str) -> str:
    if key in names:
        return names[key]
    taken = any(_same_table(other, key) and old == name for other, old in names.items())
    return "" if taken else name


def _same_table(one: object, other: object) -> bool:
    """Whether two keys are of one table; a table's or index's own name is no such pair."""
    return not isinstance(one, tuple) or not isinstance(other, tuple) or one[0] == other[0]


def renames(project: Project) -> Renames:
    """What the statements of the change renamed, in their order."""
    found = Renames()
    base = project.base_schema
    tables = {table.full_name for table in base.tables} if base else set()
    indexes = {index.name for table in base.tables for index in table.indexes} if base else set()
    for item in present(project):
        for statement in item.round_trip.upgrade.statements:
            if "RENAME" in statement.sql.upper() or "SET SCHEMA" in statement.sql.upper():
                for piece in pieces(statement.sql):
                    if isinstance(piece.detail, Rename):
                        _follow(piece.detail, found, tables, indexes)
    return found


def _follow(rename: Rename, found: Renames, tables: set[str], indexes: set[str]) -> None:
    if rename.relation is None:
        return
    known = indexes if rename.object == "index" else tables
    today = found.indexes if rename.object == "index" else found.tables
    names = [
        name for name in (known - set(today.values())) | today.keys() if rename.relation.names(name)
    ]
    if not names:
        return
    now = min(names, key=lambda name: (not name.startswith("public."), name))
    if rename.object in (*_TABLES, "index"):
        today[f"{now.partition('.')[0]}.{rename.new}"] = today.pop(now, now)
    elif rename.object.startswith("schema of"):
        today[f"{rename.new}.{now.partition('.')[2]}"] = today.pop(now, now)
    elif rename.object in ("column", "constraint"):
        table = found.table(now)
        own = found.columns if rename.object == "column" else found.constraints
        own[table, rename.new] = own.pop((table, rename.old), rename.old)
