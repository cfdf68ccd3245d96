"""Enum types whose values were added: what PostgreSQL cannot take back in place."""

from __future__ import annotations

import re

from bot.explain.names.names import execute, sql_name
from bot.facts import Difference

_VALUE = re.compile(r"'((?:[^']|'')*)'")


def values(definition: str | None) -> list[str]:
    """The values of an enum's definition, in order: every quoted text in it, unquoted."""
    return [text.replace("''", "'") for text in _VALUE.findall(definition or "")]


def added_values(item: Difference) -> list[str]:
    """The values that ``after`` has more than ``before``; empty for any other difference."""
    if item.kind != "type" or item.attribute != "values":
        return []
    old = values(item.before)
    new = values(item.after)
    if [value for value in new if value in old] != old:
        return []
    return [value for value in new if value not in old]


def recreate(item: Difference) -> str:
    """Alembic code that makes the type anew with the values it had before."""
    name, bare = sql_name(item.name), item.name.rpartition(".")[2]
    old = ", ".join("'" + value.replace("'", "''") + "'" for value in values(item.before))
    aside = sql_name(f"{bare}_old")
    schema = name.removesuffix(sql_name(bare))
    return "\n".join(
        (
            execute(f"ALTER TYPE {name} RENAME TO {aside}"),
            execute(f"CREATE TYPE {name} AS ENUM ({old})"),
            "# for each column of that type, its default taken away before and given back after:",
            f"# ALTER TABLE … ALTER COLUMN … TYPE {name} USING …::text::{name}",
            execute(f"DROP TYPE {schema}{aside}"),
        )
    )
