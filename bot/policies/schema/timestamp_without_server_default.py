"""A new `created_at` had no server default, or could be NULL.

A default in the model is the application's alone: rows that a migration, a script, an import or
another service inserts have no time of creation, and the clock of each client is another.

Let the database fill it in: NOT NULL with `now()` as server default.

Reference: https://docs.sqlalchemy.org/en/20/core/defaults.html#server-invoked-ddl-explicit-default-expressions
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.alembic_code import alter_column
from bot.explain.guesses.column_words import CREATED
from bot.explain.schema.new_objects import new_columns
from bot.explain.schema.origin import column_made
from bot.facts import Facts
from bot.facts.schema import Column
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "contract"
PRESETS = (3, 5)
OPTIONS = {"columns": "names of the columns that hold when a row was made"}


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each column."""
    names = options.of("timestamp-without-server-default", "columns", [*CREATED])

    def fault(column: Column) -> bool:
        timely = column.type.category == "D" and column.generated is None
        return timely and column.name in names and bool(_lacks(column))

    for project in facts.projects:
        for new in new_columns(project):
            made = column_made(project, new) if new.newly(fault) else None
            if made is None:
                continue
            table, column = code(new.table.full_name), code(new.thing.name)
            lacks = " and ".join(_lacks(new.thing))
            default = "sa.func.now()"
            text = alter_column(new.table, new.thing.name, server_default=default, nullable="False")
            if new.base is None:
                more = f"server_default={default}, nullable=False"
                text = f'sa.Column("{new.thing.name}", sa.DateTime(timezone=True), {more})'
            yield made.finding(
                new.table,
                title=f"{column} of {table} {lacks}",
                message=f"{column} {lacks}, so a row that something else than the models inserts"
                f" into {table} does not say when it was made.",
                subject=f"{new.table.full_name}.{new.thing.name}",
                column=new.thing.name,
                remedies=(Remedy("Let the database fill it in", block(text, "python")),),
            )


def _lacks(column: Column) -> list[str]:
    return [
        *(["has no server default"] if column.default is None else []),
        *(["can be NULL"] if column.nullable else []),
    ]
