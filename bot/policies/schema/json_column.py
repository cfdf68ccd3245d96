"""A new column was `json`.

It keeps the text as it came: no equality, no index, no DISTINCT or GROUP BY, and it is parsed anew
with every look inside. Duplicate keys stay, and which of them counts is up to the reader.

Use `jsonb`, unless the very text (order of keys, white space) has to survive.

Reference: https://www.postgresql.org/docs/current/datatype-json.html
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
PRESETS = (4, 5)

_JSONB = DataType("jsonb", "jsonb")


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each column."""
    for project in facts.projects:
        for new in new_columns(project):
            made = column_made(project, new) if new.newly(_json) else None
            if made is None:
                continue
            yield made.finding(
                new.table,
                title=f"{code(new.thing.name)} of {code(new.table.full_name)} is `json`",
                message=f"Nothing can compare or index {code(new.thing.name)}: a condition on it"
                f" reads and parses every row of {code(new.table.full_name)}.",
                subject=f"{new.table.full_name}.{new.thing.name}",
                column=new.thing.name,
                remedies=type_remedy(made, new.table, new.thing, _JSONB, new.base),
            )


def _json(column: Column) -> bool:
    return column.type.base == "json"
