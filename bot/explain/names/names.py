"""Names of database objects as SQL and Alembic write them."""

from __future__ import annotations

import json
import re

from bot.facts import Difference
from bot.facts.schema import by_search_path
from bot.sql.names import quoted
from bot.wording import visible


def python_string(text: str) -> str:
    """A double-quoted Python literal, as formatters write it."""
    return json.dumps(text, ensure_ascii=False)


def sql_name(name: str) -> str:
    """``public.Users`` as ``"Users"``: quoted where it must be, ``public`` left out.

    The arguments of a function (``public.greet(customer text)``) stay as they are.
    """
    plain, bracket, arguments = name.partition("(")
    parts = plain.split(".")
    if len(parts) > 1 and by_search_path(parts[0]):
        del parts[0]
    return ".".join(map(quoted, parts)) + bracket + arguments


def own_name(item: Difference) -> str:
    """A column's, constraint's or index's name without its table or schema."""
    if item.table and item.name.startswith(f"{item.table}."):
        return item.name.removeprefix(f"{item.table}.")
    return item.name.rpartition(".")[2]


def op_table(table: str | None) -> tuple[str, str]:
    """A table as ``op`` calls name it: the literal, and the ``schema`` argument if it needs one."""
    schema, _, name = (table or "").partition(".")
    if not name:
        return python_string(schema), ""
    return python_string(name), "" if by_search_path(
        schema
    ) else f", schema={python_string(schema)}"


def sql_text(sql: str) -> str:
    """SQL as ``sa.text`` and ``op.execute`` want it: a colon that would begin a parameter escaped.

    The pattern is SQLAlchemy's own for bound parameters (``sqlalchemy.sql.elements.TextClause``).
    """
    return re.sub(r"(?<![:\w\\]):(?=\w+(?!:))", r"\\:", sql)


def comment(text: str) -> str:
    """A Python comment of one line, whatever the text holds."""
    return f"# {' '.join(visible(text).split())}"


def execute(sql: str) -> str:
    """``op.execute(…)`` of one statement, on one line where it is on one line."""
    flat = sql_text(sql.strip().removesuffix(";"))
    if "\n" not in flat or "\r" in flat or "\0" in flat:
        return f"op.execute({python_string(flat)})"
    escaped = flat.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return f'op.execute("""\n{escaped}\n""")'
