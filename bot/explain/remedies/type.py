"""Another type for a column, in complete code."""

from __future__ import annotations

from bot.explain.code.alembic_code import alter_column
from bot.explain.names.names import execute, python_string, sql_name
from bot.explain.schema.origin import Origin
from bot.explain.schema.types import sqlalchemy
from bot.facts.data_types import DataType
from bot.facts.schema import Column, Table
from bot.policy import Remedy
from bot.sql import quoted
from bot.wording import block, code


def type_remedy(
    made: Origin, table: Table, column: Column, wanted: DataType, before: Table | None
) -> tuple[Remedy, ...]:
    """A new column is created with that type; one that base has is altered, at its price."""
    known = sqlalchemy(wanted)
    name, target = quoted(column.name), sql_name(table.full_name)
    by_hand = execute(
        f"ALTER TABLE {target} ALTER COLUMN {name} TYPE {wanted.name} USING {name}::{wanted.name}"
    )
    if before is None or before.column(column.name) is None:
        text = f"sa.Column({python_string(column.name)}, {known}, …)" if known else by_hand
        return (
            Remedy(
                f"Make {code(column.name)} {code(wanted.name)} from the start",
                f"In {code(made.revision.revision)} and in the model:\n\n{block(text, 'python')}",
            ),
        )
    text = alter_column(table, column.name, type_=known) if known else by_hand
    return (
        Remedy(
            f"Change the type of {code(column.name)} before the key is added",
            block(text, "python"),
            trade_off=f"It rewrites {code(table.full_name)} while nobody can use it. On a large"
            " table add a second column of that type, fill it in batches, and swap the two.",
        ),
    )
