"""The columns of a question, each with what queries do with it. Pure.

``name`` (given with ``=``; a date or time: as a range), ``name:range``, ``name:desc`` (sorted, the
latest first), ``name:include`` (only read), ``name=value`` (always this value: it becomes the
condition of a partial index; ``null`` and ``not-null`` are values).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from bot.consult.find import NotThere, column_hint
from bot.facts.schema import Column, Schema, Table
from bot.sql import quoted
from bot.wording import code, several


class Use(Enum):
    """What queries do with a column."""

    EQUAL = "equal"
    RANGE = "range"
    FIXED = "fixed"
    INCLUDE = "include"


@dataclass(frozen=True)
class Asked:
    """One column and its use. ``condition`` is SQL for a fixed value, "" for other uses."""

    column: Column
    use: Use
    descending: bool = False
    condition: str = ""


_USES = {"range": Use.RANGE, "desc": Use.RANGE, "include": Use.INCLUDE}
_BOOLEANS = {"true": True, "false": False}


def asked(schema: Schema, table: Table, words: Sequence[str]) -> tuple[Asked, ...]:
    """The columns in the order in which they were named, each once.

    Raises:
        NotThere: an unknown column or use, or a value that the column cannot have.
    """
    found: dict[str, Asked] = {}
    for word in words:
        item = _one(schema, table, word)
        found.setdefault(item.column.name, item)
    return tuple(found.values())


def _one(schema: Schema, table: Table, word: str) -> Asked:
    name, equals, value = word.partition("=")
    use = ""
    if not equals and table.column(word) is None:
        name, _, use = word.partition(":")
    column = table.column(name)
    if column is None:
        raise NotThere(column_hint(table, name))
    if equals:
        return Asked(column, Use.FIXED, condition=_condition(schema, column, value))
    if use and use not in _USES:
        raise NotThere(f"{code(word)}: a use is `range`, `desc` or `include`, not {code(use)}")
    plain = Use.RANGE if column.type.category == "D" and not column.type.array else Use.EQUAL
    return Asked(column, _USES.get(use, plain), use == "desc")


def _condition(schema: Schema, column: Column, value: str) -> str:
    name = quoted(column.name)
    if value in ("null", "not-null"):
        return f"{name} IS {'NOT ' if value == 'not-null' else ''}NULL"
    if column.type.category == "B":
        if value not in _BOOLEANS:
            raise NotThere(
                f"{code(column.name)} is boolean: {code(value)} is neither true nor false"
            )
        return name if _BOOLEANS[value] else f"NOT {name}"
    enum = next((item for item in schema.enums if item.name == column.type.base), None)
    if enum is not None and value not in enum.values:
        raise NotThere(
            f"{code(column.name)} cannot be {code(value)}: {code(enum.name)} has"
            f" {several(enum.values, 12)}"
        )
    if (
        column.type.category == "N"
        and value.lstrip("-").replace(".", "", 1).isascii()
        and (value.lstrip("-").replace(".", "", 1).isdigit())
    ):
        return f"{name} = {value}"
    literal = value.replace("'", "''")
    escape = "E" if "\\" in literal else ""
    return f"{name} = {escape}'{literal.replace(chr(92), chr(92) * 2)}'"
