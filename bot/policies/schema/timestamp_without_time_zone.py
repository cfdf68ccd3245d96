"""A new column was a timestamp without time zone.

It holds what some clock showed and not when it was: written in one zone and read in another, or
across the hour that comes twice in autumn, it means another moment. PostgreSQL stores `timestamptz`
in the same eight bytes.

Use `timestamptz`: `sa.DateTime(timezone=True)`.

Reference: https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_timestamp_.28without_time_zone.29
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.remedies.type import type_remedy
from bot.explain.schema.new_objects import new_columns
from bot.explain.schema.origin import column_made
from bot.facts import Facts
from bot.facts.data_types import DataType
from bot.facts.schema import Column
from bot.policy import Finding, Severity
from bot.wording import code

SEVERITY = Severity.WARN
PACK = "contract"
PRESETS = (3, 5)

_ZONED = DataType("timestamp with time zone", "timestamp with time zone", category="D")


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each column."""
    for project in facts.projects:
        for new in new_columns(project):
            made = column_made(project, new) if new.newly(_naive) else None
            if made is None:
                continue
            table, column = code(new.table.full_name), code(new.thing.name)
            yield made.finding(
                new.table,
                title=f"{column} of {table} has no time zone",
                message=f"{column} is {code(new.thing.type.name)}: which moment a value of it means"
                " depends on who wrote it and where.",
                subject=f"{new.table.full_name}.{new.thing.name}",
                column=new.thing.name,
                remedies=type_remedy(made, new.table, new.thing, _ZONED, new.base),
            )


def _naive(column: Column) -> bool:
    return column.type.base == "timestamp without time zone" and column.generated is None
