"""A new table's primary key was no UUID.

Numbers that count up tell outsiders how many rows there are and which come next, collide when two
databases are merged, and cannot be made before the INSERT.

Make the key a UUID that the database fills in.

Reference: https://www.postgresql.org/docs/current/datatype-uuid.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.names.names import python_string
from bot.explain.schema.new_objects import New, new_tables
from bot.explain.schema.origin import column_made
from bot.facts import Facts
from bot.facts.schema import Column, Table
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "uuid-keys"
PRESETS = (3, 5)
OPTIONS = {"exempt": "tables (`schema.name`) whose key may be something else"}


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each table with a key of its own making."""
    exempt = options.of("primary-key-not-uuid", "exempt", [""])
    for project in facts.projects:
        for table in new_tables(project):
            column = _own_key(table)
            if column is None or column.type.base == "uuid" or table.full_name in exempt:
                continue
            made = column_made(project, New(table, column))
            if made is None:
                continue
            name = python_string(column.name)
            default = 'server_default=sa.text("gen_random_uuid()"), nullable=False'
            yield made.finding(
                table,
                title=f"The key of {code(table.full_name)} is {code(column.type.name)}, no UUID",
                message=f"{code(column.name)} of {code(table.full_name)} is"
                f" {code(column.type.name)}.",
                subject=table.full_name,
                column=column.name,
                remedies=(
                    Remedy(
                        "Use a UUID",
                        block(f"sa.Column({name}, sa.Uuid(), {default})", "python"),
                        trade_off="Random UUIDs spread writes over the whole index;"
                        " `uuidv7()` (PostgreSQL 18) keeps them together.",
                    ),
                ),
            )


def _own_key(table: Table) -> Column | None:
    """The column of a key of one column, if it is no reference."""
    key = table.primary_key
    if key is None or len(key.columns) != 1:
        return None
    if any(key.columns == foreign.columns for foreign in table.foreign_keys):
        return None
    return table.column(key.columns[0])
