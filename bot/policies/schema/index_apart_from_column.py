"""The index of a new column came in another revision than the column.

Between the two, and for ever where only the first is deployed, the queries that need the index are
slow; on an empty or small table nothing is won by parting them.

Create the index in the revision that makes the column.

Reference: https://alembic.sqlalchemy.org/en/latest/ops.html#alembic.operations.Operations.create_index
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.alembic_code import create_index
from bot.explain.schema.new_objects import new_columns, new_indexes
from bot.explain.schema.origin import column_made, index_made
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "async-models"
PRESETS = (4,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each index of a new table's column."""
    for project in facts.projects:
        new = {
            (item.table.full_name, item.thing.name): item
            for item in new_columns(project)
            if item.base is None
        }
        for index in new_indexes(project):
            first = index.thing.columns[0] if index.thing.columns else None
            column = new.get((index.table.full_name, first or ""))
            if column is None or index.thing.constraint is not None:
                continue
            made, there = index_made(project, index), column_made(project, column)
            if made is None or there is None or made.revision is there.revision:
                continue
            keys = tuple(key or "<expression>" for key in index.thing.columns)
            text = create_index(index.table, index.thing.name.partition(".")[2], keys)
            yield made.finding(
                index.table,
                title=f"{code(index.thing.name)} comes after its column",
                message=f"{code(there.revision.revision)} makes {code(column.thing.name)} of"
                f" {code(index.table.full_name)}, and {code(made.revision.revision)} its index.",
                subject=index.thing.name,
                column=column.thing.name,
                remedies=(
                    Remedy(
                        f"Move it to {code(there.revision.revision)}",
                        block(text, "python"),
                    ),
                ),
            )
