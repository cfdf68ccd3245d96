"""A new primary key was an integer of four bytes or fewer.

It ends at 2,147,483,647, and deleted, rolled back and skipped numbers count. To widen it later
rewrites the table and every table that refers to it, while nobody can use them.

Make it `bigint`: alignment makes the row no longer in most tables.

Reference: https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-INT
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.remedies.type import type_remedy
from bot.explain.schema.new_objects import New, new_constraints
from bot.explain.schema.origin import column_made
from bot.facts import Facts
from bot.facts.data_types import DataType
from bot.facts.relation import Constraint
from bot.facts.schema import Column
from bot.policy import Finding, Severity
from bot.wording import code

SEVERITY = Severity.WARN
PACK = "contract"
PRESETS = ()

_ENDS = {"smallint": "32,767", "integer": "2,147,483,647"}
_BIGINT = DataType("bigint", "bigint", category="N")


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each new key; one that repeats a parent's narrow key follows the parent."""
    for project in facts.projects:
        for new in new_constraints(project, "primary key"):
            column = _narrow(new)
            if column is None:
                continue
            made = column_made(project, New(new.table, column, base=new.base))
            if made is None:
                continue
            table, name = code(new.table.full_name), code(column.name)
            yield made.finding(
                new.table,
                title=f"The key of {table} ends at {_ENDS[column.type.base]}",
                message=f"{name} is {code(column.type.name)}. Numbers that were deleted or rolled"
                f" back are not used again, so {table} can run out of them with few rows in it.",
                subject=f"{new.table.full_name}.{column.name}",
                column=column.name,
                remedies=type_remedy(made, new.table, column, _BIGINT, new.base),
            )


def _narrow(new: New[Constraint]) -> Column | None:
    """The column of a key that numbers rows by itself."""
    if len(new.thing.columns) != 1:
        return None
    column = new.table.column(new.thing.columns[0])
    counted = column is not None and (
        column.identity is not None or "nextval(" in (column.default or "")
    )
    return column if column and counted and column.type.base in _ENDS else None
