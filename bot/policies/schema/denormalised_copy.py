"""A new column repeated what is stored elsewhere, or held a list.

Two places for one fact disagree sooner or later, and nothing in the database says which is right.
Values in a list cannot be joined, counted or guarded by a foreign key.

Read it through the join, a view or a child table; where a measurement says otherwise, say so in a
comment on the column.

Reference: https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.guesses.copies import copied
from bot.explain.names.names import python_string
from bot.explain.schema.new_objects import new_columns
from bot.explain.schema.origin import column_made
from bot.facts import Facts
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "contract"
PRESETS = (1, 2, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each column without a comment and without a word in the docstring."""
    for project in facts.projects:
        for new in new_columns(project):
            column, table = new.thing, new.table
            why = copied(project.schema, table, column) if project.schema else None
            made = column_made(project, new) if why and new.before is None else None
            reasoned = column.comment or (made and column.name in made.revision.doc)
            if made is None or why is None or reasoned or column.generated:
                continue
            name = python_string(column.name)
            comment = f'sa.Column({name}, …, comment="<why the copy, and what keeps it right>")'
            yield made.finding(
                table,
                title=f"{code(column.name)} of {code(table.full_name)} {why.short}",
                message=f"{why.long} That is told by the names; how the column is written would"
                " make it certain.",
                subject=f"{table.full_name}.{column.name}",
                column=column.name,
                confidence=Confidence.LIKELY,
                remedies=(
                    Remedy(why.instead, block(why.sql, "sql")),
                    Remedy("Keep it, and say why", block(comment, "python")),
                ),
            )
