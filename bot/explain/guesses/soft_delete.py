"""Which of a table's columns mark a row as deleted without deleting it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.explain.guesses.column_words import DELETED_AT, DELETED_FLAG, is_flag
from bot.facts.relation import Index
from bot.facts.schema import Column, Table


@dataclass(frozen=True)
class Marks:
    """The flag and the time, None where the table has no such column."""

    flag: Column | None
    at: Column | None

    @property
    def any(self) -> bool:
        """Whether rows of the table are marked at all."""
        return self.flag is not None or self.at is not None

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that there are."""
        return tuple(column.name for column in (self.flag, self.at) if column)

    @property
    def condition(self) -> str:
        """What is true of the rows that count."""
        if self.at is not None:
            return f"{self.at.name} IS NULL"
        return f"NOT {self.flag.name}" if self.flag else "true"


def marks(table: Table) -> Marks:
    """The table's soft-delete columns, by their names and types."""
    flag = (item for item in table.columns if item.name in DELETED_FLAG and is_flag(item))
    times = (
        item for item in table.columns if item.name in DELETED_AT and item.type.category == "D"
    )
    return Marks(next(flag, None), next(times, None))


def minds(index: Index, found: Marks) -> bool:
    """Whether the index leaves deleted rows out, or tells them apart by one of its keys."""
    if any(column in found.names for column in index.columns):
        return True
    return index.predicate is not None and any(
        re.search(rf"\b{re.escape(name)}\b", index.predicate) for name in found.names
    )
