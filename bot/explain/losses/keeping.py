"""Alembic code that keeps what a revision would lose: copies, and the way back from them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.explain.code.op_code import call, on_table, strings
from bot.explain.losses.upgraded import Upgraded
from bot.explain.names.names import execute, op_table, python_string, sql_name
from bot.sql import quoted

_ROOM = 63  # bytes of an identifier (PostgreSQL docs, "Identifiers and Key Words")


def copy_of(found: Upgraded, table: str) -> str:
    """The name of a copy: the table's, and the revision before which it was made."""
    schema, _, name = table.rpartition(".")
    tail = f"_before_{found.revision.revision}"[: _ROOM // 2]
    room = _ROOM - len(tail.encode())
    kept = name.encode()[:room].decode("utf-8", "ignore")
    return f"{schema}.{kept}{tail}" if schema else f"{kept}{tail}"


def key_of(found: Upgraded, table: str) -> tuple[str, ...]:
    """The columns of the table's primary key at base, empty where it has none or is not known."""
    known = found.at_base(table)
    key = known.primary_key if known else None
    return key.columns if key else ()


def copied(found: Upgraded, table: str, columns: Sequence[str] = ()) -> str:
    """Code that copies these columns with the primary key, or the whole table."""
    copy, key = copy_of(found, table), key_of(found, table)
    kept = [*key, *(name for name in columns if name not in key)] if columns and key else []
    chosen = ", ".join(map(quoted, kept)) or "*"
    some = " OR ".join(f"{quoted(name)} IS NOT NULL" for name in columns) if columns else ""
    where = f" WHERE {some}" if some else ""
    code = [
        execute(f"CREATE TABLE {sql_name(copy)} AS SELECT {chosen} FROM {sql_name(table)}{where}")
    ]
    if key:
        literal, schema = on_table(copy)
        name = python_string(f"pk_{copy.rpartition('.')[2]}"[:_ROOM])
        code.append(call("op.create_primary_key", name, literal, strings(key), **schema))
    return "\n".join(code)


def put_back(found: Upgraded, table: str, columns: Sequence[str]) -> str | None:
    """Code for the downgrade that fills the columns from the copy; None without a primary key."""
    copy, key = sql_name(copy_of(found, table)), key_of(found, table)
    if not key:
        return None
    values = ", ".join(f"{quoted(name)} = kept.{quoted(name)}" for name in columns)
    joined = " AND ".join(f"kept.{quoted(name)} = {sql_name(table)}.{quoted(name)}" for name in key)
    literal, schema = op_table(copy_of(found, table))
    update = f"UPDATE {sql_name(table)} SET {values} FROM {copy} AS kept WHERE {joined}"
    return f"{execute(update)}\nop.drop_table({literal}{schema})"
