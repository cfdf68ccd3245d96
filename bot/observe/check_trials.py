"""New CHECK constraints, evaluated by PostgreSQL for invented values.

A CHECK that refuses none of them guards nothing, whatever it looks like. The expressions are the
target's code, so they run with its rights, in a transaction that may not write, and not for long.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bot.facts.relation import Constraint
from bot.facts.schema import CheckTrial, Column, Schema, Table
from bot.observe.server import Server

if TYPE_CHECKING:
    from psycopg import Connection

_MOST_COLUMNS = 8
_MOST_COMBINATIONS = 4096
_MOST_CHECKS = 200
_TIMEOUT_MS = 1000
_LONG = "repeat('x', 1100000)"  # longer than what a CHECK on length usually allows

_TEXTS = ("NULL", "''", "'x'", "'A b'", "'-1'", "'a@b.example'", _LONG)
_TIMES = ("NULL", "'0001-01-01'", "'2000-02-29'", "'2024-06-15'", "'2999-12-31'")


def _quoted_all(*values: str) -> tuple[str, ...]:
    """As literals: ``-1::integer`` would negate what was cast."""
    return tuple(f"'{value}'" for value in values)


_WHOLE = ("-1", "0", "1", "100")
_VALUES: Mapping[str, Sequence[str]] = {
    "boolean": ("NULL", "'true'", "'false'"),
    "smallint": ("NULL", *_quoted_all("-32768", *_WHOLE, "32767")),
    "integer": ("NULL", *_quoted_all("-2147483648", *_WHOLE, "2147483647")),
    "bigint": ("NULL", *_quoted_all("-9223372036854775808", *_WHOLE, "9223372036854775807")),
    "real": ("NULL", *_quoted_all("-1e30", *_WHOLE, "0.5", "1e30")),
    "double precision": ("NULL", *_quoted_all("-1e300", *_WHOLE, "0.5", "1e300")),
    "text": _TEXTS,
    "date": _TIMES,
    "timestamp without time zone": _TIMES,
    "timestamp with time zone": _TIMES,
    "uuid": ("NULL", "'00000000-0000-0000-0000-000000000000'"),
    "jsonb": ("NULL", "'null'", "'{}'", "'[]'", "'1'", "'\"x\"'", "'{\"a\": 1}'"),
}


def try_checks(
    server: Server, database: str, before: Schema, after: Schema
) -> tuple[CheckTrial, ...]:
    """Try the CHECK constraints that ``after`` has more, in that database.

    One whose values cannot be invented, or that raises for one of them, is left out.
    """
    wanted = list(_new(before, after))[:_MOST_CHECKS]
    if not wanted:
        return ()
    from psycopg import Error

    try:
        with server.connect_as_owner(database) as connection:
            connection.execute(f"SET statement_timeout = {_TIMEOUT_MS}")
            connection.execute("SET default_transaction_read_only = on")
            tried = (_try(connection, table, check, after) for table, check in wanted)
            return tuple(trial for trial in tried if trial is not None)
    except Error:
        return ()


def _new(before: Schema, after: Schema) -> Iterator[tuple[Table, Constraint]]:
    known = {
        (table.full_name, item.name, item.definition)
        for table in before.tables
        for item in table.constraints
    }
    for table in after.tables:
        for item in table.constraints:
            own = item.kind == "check" and not item.inherited and item.columns
            if own and (table.full_name, item.name, item.definition) not in known:
                yield table, item


def _try(
    connection: Connection[Any], table: Table, check: Constraint, schema: Schema
) -> CheckTrial | None:
    from psycopg import Error

    columns = [column for name in check.columns if (column := table.column(name))]
    values = [_values(column, schema) for column in columns]
    expression = _expression(check)
    if expression is None or len(columns) > _MOST_COLUMNS or not all(values):
        return None
    while _product(values) > _MOST_COMBINATIONS:
        longest = max(range(len(values)), key=lambda index: len(values[index]))
        values[longest] = values[longest][:-1]
    try:
        row = connection.execute(_query(columns, values, expression).encode()).fetchone()
        broken = _broken_default(connection, columns, expression)
    except Error:
        return None
    return CheckTrial(table.full_name, check.name, row[0], row[1], broken) if row else None


def _expression(check: Constraint) -> str | None:
    """What stands between ``CHECK (`` and its bracket."""
    body = check.definition.removesuffix(" NO INHERIT")
    whole = body.startswith("CHECK (") and body.endswith(")")
    return body.removeprefix("CHECK (")[:-1] if whole else None


def _query(columns: list[Column], values: list[list[str]], expression: str) -> str:
    lists = [
        f"(VALUES {', '.join(f'({value}::{column.type.name})' for value in own)})"
        f" AS v{number} ({_quoted(column.name)})"
        for number, (column, own) in enumerate(zip(columns, values, strict=True))
    ]
    return (
        f"SELECT count(*), count(*) FILTER (WHERE ({expression}) IS FALSE)"
        f" FROM {' CROSS JOIN '.join(lists)}"
    )


def _broken_default(
    connection: Connection[Any], columns: list[Column], expression: str
) -> str | None:
    """The default of the only column that the CHECK is about, where it refuses that."""
    column = columns[0]
    if len(columns) != 1 or column.default is None or "nextval(" in column.default:
        return None
    value = f"(({column.default})::{column.type.name}) AS {_quoted(column.name)}"
    query = f"SELECT ({expression}) IS FALSE FROM (SELECT {value}) v"
    row = connection.execute(query.encode()).fetchone()
    return column.default if row and row[0] else None


def _values(column: Column, schema: Schema) -> list[str]:
    """Values of the column's type as SQL; empty where none but NULL are known."""
    kind = column.type
    if kind.array:
        return ["NULL", "'{}'"]
    if kind.kind == "enum":
        labels = next((each.values for each in schema.enums if each.name == kind.base), ())
        return ["NULL", *("'" + label.replace("'", "''") + "'" for label in labels)]
    if kind.base == "numeric":
        whole = 30 if kind.precision is None else kind.precision - (kind.scale or 0)
        most = "9" * whole if whole > 0 else "0"
        return ["NULL", *_quoted_all(f"-{most}", "-0.01", "0", "0.01", most)]
    if kind.base == "character varying" and kind.length is not None:
        short = [value for value in _TEXTS if value != _LONG and len(value) - 2 <= kind.length]
        return [*short, f"repeat('x', {kind.length})"]
    return list(_VALUES.get("text" if kind.base == "character varying" else kind.base, ()))


def _product(values: list[list[str]]) -> int:
    total = 1
    for own in values:
        total *= len(own)
    return total


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
