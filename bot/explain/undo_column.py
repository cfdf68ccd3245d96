"""Alembic code that gives a column back what was altered."""

from __future__ import annotations

import re

from bot.explain.names import execute, op_table, own_name, python_string, sql_name, sql_text
from bot.facts import Difference

_AFTER_TYPE = r"(?: COLLATE | NOT NULL| GENERATED | DEFAULT |$)"


def alter_column(item: Difference) -> str:
    """One call that restores the attribute that differs, of a column that is there both times."""
    table, schema = op_table(item.table)
    column = python_string(own_name(item))
    before = item.before or ""
    if item.attribute == "nullability":
        value = f"nullable={' NOT NULL' not in before}"
    elif item.attribute == "default":
        default = re.search(r" DEFAULT (.*)$", before)
        value = "server_default="
        value += f"sa.text({python_string(sql_text(default[1]))})" if default else "None"
    elif item.attribute == "comment":
        value = f"comment={'None' if before == 'no comment' else python_string(before)}"
    elif item.attribute == "type":
        return _type(item, before)
    else:
        return f"# restore the {item.attribute} of column {item.name}: {' '.join(before.split())}"
    return f"op.alter_column({table}, {column}, {value}{schema})"


def _type(item: Difference, before: str) -> str:
    name = sql_name(own_name(item))
    match = re.match(rf"{re.escape(own_name(item))} (.*?){_AFTER_TYPE}", before)
    kind = match[1] if match else before
    table = sql_name(item.table or "")
    return execute(f"ALTER TABLE {table} ALTER COLUMN {name} TYPE {kind} USING {name}::{kind}")
