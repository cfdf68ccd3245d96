"""A new boolean could be NULL.

It has three values where two were meant: `WHERE NOT flag` leaves out the rows in which it is NULL,
and `WHERE flag` does so too.

Make it NOT NULL with a default, or give the third state a name of its own.

Reference: https://www.postgresql.org/docs/current/functions-logical.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.guesses.column_words import is_flag
from bot.explain.names.names import python_string
from bot.explain.schema.new_objects import new_columns
from bot.explain.schema.origin import column_made
from bot.facts import Facts
from bot.facts.schema import Column
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "contract"
PRESETS = ()


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each column."""
    for project in facts.projects:
        for new in new_columns(project):
            made = column_made(project, new) if new.newly(_undecided) else None
            if made is None:
                continue
            name, flag = python_string(new.thing.name), "sa.Boolean(), server_default=sa.false()"
            yield made.finding(
                new.table,
                title=f"{code(new.thing.name)} of {code(new.table.full_name)} can be NULL",
                message=f"{code(new.thing.name)} is true, false or NULL. Neither"
                f" {code(f'WHERE {new.thing.name}')} nor {code(f'WHERE NOT {new.thing.name}')}"
                " finds the rows in which it is NULL.",
                subject=f"{new.table.full_name}.{new.thing.name}",
                column=new.thing.name,
                remedies=(
                    Remedy(
                        "Decide between true and false",
                        block(f"sa.Column({name}, {flag}, nullable=False)", "python"),
                        trade_off='Where "not known yet" is a state of its own, say so in a'
                        " status column instead.",
                    ),
                ),
            )


def _undecided(column: Column) -> bool:
    return is_flag(column) and column.nullable and column.generated is None
