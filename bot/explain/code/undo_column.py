"""Alembic code that gives a column back what was altered."""

from __future__ import annotations

from bot.explain.names.names import (
    comment,
    execute,
    op_table,
    own_name,
    python_string,
    sql_name,
    sql_text,
)
from bot.facts import Difference


def alter_column(item: Difference) -> str:
    """One call that restores the attribute that differs, of a column that is there both times.

    ``before`` is the attribute's value as PostgreSQL writes it, empty for none.
    """
    table, schema = op_table(item.table)
    column, before = python_string(own_name(item)), item.before or ""
    match item.attribute:
        case "nullability":
            value = f"nullable={before != 'NOT NULL'}"
        case "default":
            default = f"sa.text({python_string(sql_text(before))})" if before else "None"
            value = f"server_default={default}"
        case "comment":
            value = f"comment={python_string(before) if before else 'None'}"
        case "type":
            name = sql_name(own_name(item))
            alter = f"ALTER TABLE {sql_name(item.table or '')} ALTER COLUMN {name}"
            return execute(f"{alter} TYPE {before} USING {name}::{before}")
        case _:
            return comment(
                f"restore the {item.attribute} of column {item.name}: {before or 'none'}"
            )
    return f"op.alter_column({table}, {column}, {value}{schema})"
