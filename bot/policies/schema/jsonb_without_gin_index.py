"""A new jsonb, array or tsvector column had no index that looks inside.

`@>`, `?`, `= ANY` and `@@` on it read every row; a B-tree index serves equality of the whole value
alone.

Create a GIN index where queries look inside; none where the value is only read with its row.

Reference: https://www.postgresql.org/docs/current/datatype-json.html#JSON-INDEXING
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.explain.remedies.index import index_remedy
from bot.explain.schema.new_objects import new_columns
from bot.explain.schema.origin import column_made
from bot.facts import Facts
from bot.facts.schema import Column, Table
from bot.policy import Finding, Severity
from bot.wording import code

SEVERITY = Severity.NOTE
PACK = "contract"
PRESETS = (4, 5)

_METHODS = ("gin", "gist", "rum")


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each column."""
    for project in facts.projects:
        for new in new_columns(project):
            column, table = new.thing, new.table
            if not new.newly(_holds_many) or _indexed(table, column):
                continue
            made = column_made(project, new)
            if made is None:
                continue
            more = {"postgresql_using": '"gin"'}
            if column.type.base == "jsonb" and not column.type.array:
                more["postgresql_ops"] = f'{{"{column.name}": "jsonb_path_ops"}}'
            yield made.finding(
                table,
                title=f"Nothing indexes what is inside {code(column.name)}",
                message=f"{code(column.name)} of {code(table.full_name)} is"
                f" {code(column.type.name)}: a condition on what it contains reads every row.",
                subject=f"{table.full_name}.{column.name}",
                column=column.name,
                remedies=(
                    index_remedy(
                        facts, made, table, (column.name,), new.base, why=" with GIN", **more
                    ),
                ),
            )


def _holds_many(column: Column) -> bool:
    return column.type.array or column.type.base in ("jsonb", "tsvector")


def _indexed(table: Table, column: Column) -> bool:
    """Whether an index of a fitting kind has it, or an expression on it."""
    word = re.compile(rf"\b{re.escape(column.name)}\b")
    for index in table.indexes:
        for key in index.keys:
            if key.column == column.name and index.method in _METHODS:
                return True
            if key.expression and word.search(key.expression):
                return True
    return False
