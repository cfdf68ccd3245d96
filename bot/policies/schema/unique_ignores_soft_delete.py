"""A unique index of a soft-deleted table counted deleted rows.

Whoever was deleted keeps the email address: it cannot be used again, although nobody seems to have
it.

Make it a partial unique index on the rows that count.

Reference: https://www.postgresql.org/docs/current/indexes-partial.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.alembic_code import create_index, drop_constraint, drop_index
from bot.explain.code.op_code import text
from bot.explain.guesses.soft_delete import Marks, marks, minds
from bot.explain.schema.new_objects import New, touched_tables
from bot.explain.schema.origin import column_made, index_made
from bot.facts import Facts
from bot.facts.relation import Index
from bot.facts.schema import Table
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code, several

SEVERITY = Severity.WARN
PACK = "soft-delete"
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each index or constraint that is new, or whose table has new marks."""
    for project in facts.projects:
        for table, before in touched_tables(project):
            found, known = marks(table), {index.name for index in before.indexes} if before else ()
            old = marks(before) if before else Marks(None, None)
            for index in table.indexes:
                counts = _rules(index, table) and not minds(index, found)
                if not found.any or not counts or (index.name in known and old.any):
                    continue
                mark = found.at or found.flag
                made = index_made(project, New(table, index, base=before))
                if index.name in known and mark is not None:
                    made = column_made(project, New(table, mark, base=before))
                if made is None:
                    continue
                keys = tuple(column or "an expression" for column in index.columns)
                yield made.finding(
                    table,
                    title=f"{code(index.name)} counts deleted rows",
                    message=f"{code(index.name)} allows {several(keys)} once in all of"
                    f" {code(table.full_name)}, rows that are only marked as deleted included.",
                    subject=index.name,
                    remedies=(_partial(table, index, found, before),),
                )


def _rules(index: Index, table: Table) -> bool:
    """Whether it forbids rows that the primary key allows; one that holds it is for references."""
    key = table.primary_key.columns if table.primary_key else ()
    held = bool(key) and set(key) <= set(index.columns)
    return index.unique and not index.primary and not held


def _partial(table: Table, index: Index, found: Marks, before: Table | None) -> Remedy:
    keys = tuple(column or "<expression>" for column in index.columns)
    name = index.name.partition(".")[2]
    made = create_index(
        table,
        f"{name}_alive",
        keys,
        concurrently=before is not None,
        unique="True",
        postgresql_where=text(found.condition),
    )
    behind = next((item for item in table.constraints if item.name == index.constraint), None)
    gone = drop_constraint(table, behind) if behind else drop_index(table, index.name)
    return Remedy(
        "Count only the rows that are there",
        block(f"{made}\n{gone}", "python"),
        trade_off="A foreign key cannot refer to a partial unique index.",
    )
