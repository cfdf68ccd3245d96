"""A new table's name was no plural, or a new column's name was one.

`SELECT … FROM order JOIN users …` has to be looked up each time: which of them was it? A column
with a plural name reads like a list.

Call tables by what they hold many of, and columns by the one value that they hold.

Reference: https://www.postgresql.org/docs/current/ddl-basics.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.guesses.plurals import is_plural, plural, singular
from bot.explain.schema.new_objects import new_columns, new_tables
from bot.explain.schema.origin import column_made, table_made
from bot.facts import Facts
from bot.facts.schema import Column
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "contract"
PRESETS = (5,)
OPTIONS = {"exempt": "names of tables and columns that may be as they are"}

# Texts that are called by a plural although they are one value.
_PROSE = (
    "address",
    "comments",
    "details",
    "instructions",
    "notes",
    "remarks",
    "terms",
    "preferences",
)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each table and each column."""
    exempt = options.of("singular-table-name", "exempt", [""])
    for project in facts.projects:
        for table in new_tables(project):
            made = table_made(project, table)
            if is_plural(table.name) or table.name in exempt or made is None:
                continue
            yield made.finding(
                table,
                title=f"{code(table.full_name)} is not called by a plural",
                message=f"A table holds many rows: {code(plural(table.name))}.",
                subject=table.full_name,
                remedies=(
                    Remedy(
                        f"Call it {code(plural(table.name))}",
                        f"In the migration and in the model:\n\n{block(plural(table.name))}",
                    ),
                ),
            )
        for new in new_columns(project):
            name = new.thing.name
            made = (
                column_made(project, new) if new.before is None and _one_value(new.thing) else None
            )
            if made is None or name in exempt:
                continue
            yield made.finding(
                new.table,
                title=f"{code(name)} of {code(new.table.full_name)} is called by a plural",
                message=f"It is one {code(new.thing.type.name)}, and its name reads like a list.",
                subject=f"{new.table.full_name}.{name}",
                column=name,
                remedies=(
                    Remedy(
                        f"Call it {code(singular(name))}",
                        "Or, where it does hold a list, give it a table of its own.",
                    ),
                ),
            )


def _one_value(column: Column) -> bool:
    """Whether it is a single text whose name says many."""
    return (
        column.type.category == "S"
        and not column.type.array
        and column.name.rpartition("_")[2] not in _PROSE
        and is_plural(column.name)
        and singular(column.name) != column.name
    )
