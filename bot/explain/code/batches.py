"""A backfill in batches, each in a transaction of its own."""

from __future__ import annotations

from bot.explain.code.op_code import autocommit
from bot.explain.names.names import python_string, sql_name, sql_text
from bot.facts import Project
from bot.sql import Modify, quoted

BATCH = 5000  # rows: some tenths of a second each
PRICE = (
    "It is no longer one transaction: when it stops half-way, the rows done so far stay done, so "
    "its condition must find the rest again (here it does)."
)


_LEAST = {"U": '"00000000-0000-0000-0000-000000000000"', "S": '""'}  # by the type's category


def _key(project: Project, relation: str) -> tuple[str, str]:
    """The column by which rows are told apart (the primary key's, else ``id``), its least value."""
    schema = project.base_schema
    table = schema.table(relation) if schema else None
    key = table.primary_key if table else None
    if table is None or key is None or len(key.columns) != 1:
        return "id", "0"
    column = table.column(key.columns[0])
    return key.columns[0], _LEAST.get(column.type.category if column else "", "0")


def in_batches(project: Project, relation: str, modify: Modify, change: str) -> str:
    """A loop that commits after each batch and ends by itself.

    ``change`` is the statement's beginning up to its WHERE. Each round takes the next rows by the
    key, so that no row is met twice, whatever the change makes of it.
    """
    name, least = _key(project, relation)
    key, table = quoted(name), sql_name(relation)
    condition = f" AND ({modify.where})" if modify.where and modify.restricts else ""
    after, last = ":last", f"max({key})"
    if least == _LEAST["U"]:  # bound as a text at first; max(uuid) came with PostgreSQL 18
        after, last = "CAST(:last AS uuid)", f"CAST(max(CAST({key} AS text)) AS uuid)"
    batch = f"SELECT {key} FROM {table} WHERE {key} > {after} ORDER BY {key} LIMIT {BATCH}"
    lines = [
        "connection = op.get_bind()",
        f"last = {least}",
        "while last is not None:",
        "    last = connection.execute(",
        "        sa.text(",
        f"            {python_string(f'WITH batch AS ({batch}), done AS (')}",
        f"            {python_string(sql_text(change) + f' WHERE {key} IN (TABLE batch)')}",
        *([f"            {python_string(sql_text(condition))}"] if condition else []),
        f"            {python_string(f') SELECT {last} FROM batch')}",
        "        ),",
        '        {"last": last},',
        "    ).scalar()",
    ]
    return autocommit("\n".join(lines))


def beginning(sql: str, modify: Modify) -> str:
    """The statement up to its WHERE, without the semicolon: what a batch repeats."""
    text = " ".join(sql.strip().rstrip(";").split())
    if modify.where is None:
        return text
    depth, upper = 0, text.upper()
    for at, letter in enumerate(upper):
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and upper.startswith(" WHERE ", at):
            return text[:at]
    return text
