"""A complete revision file that makes one index, concurrently and alone. Pure."""

from __future__ import annotations

from hashlib import sha256

from bot.explain.code.op_code import (
    autocommit,
    beside,
    call,
    create_index,
    drop_leftover,
    indented,
    on_table,
)
from bot.explain.names.names import execute, python_string, sql_name
from bot.facts.schema import Schema, Table
from bot.sql import CreateIndex, quoted


def create_sql(index: CreateIndex, table: Table, *, only: bool = False) -> str:
    """CREATE INDEX as SQL, to be run on a table that nobody uses."""
    keys = ", ".join(f"{key.sql}{' DESC' if key.descending else ''}" for key in index.keys)
    where = "ONLY " if only else ""
    text = (
        f"CREATE INDEX {quoted(index.name or '')} ON {where}{sql_name(table.full_name)}"
        f" USING {index.method} ({keys})"
    )
    if index.include:
        text += f" INCLUDE ({', '.join(map(quoted, index.include))})"
    return f"{text} WHERE {index.predicate}" if index.predicate else text


def revision_file(
    index: CreateIndex, table: Table, schema: Schema, heads: tuple[str, ...]
) -> tuple[str, str]:
    """The revision's id and its file; ``heads`` are those of the chain with the change in it.

    The id is the same whenever the same index is suggested on the same heads.
    """
    name = index.name or ""
    digest = sha256("\0".join((table.full_name, name, *heads)).encode()).hexdigest()[:12]
    parts = [item for item in schema.tables if item.partition_of == table.full_name]
    up = _by_partition(index, table, parts) if table.partitioning else _plain(index, table)
    target, keywords = on_table(table.full_name)
    if table.partitioning:
        down = execute(f"DROP INDEX {beside(table.full_name, name)}")
    else:
        down = autocommit(
            call(
                "op.drop_index",
                python_string(name),
                table_name=target,
                **keywords,
                postgresql_concurrently="True",
            )
        )
    imports = "import sqlalchemy as sa\nfrom alembic import op" if "sa." in up else ""
    head = heads[0] if len(heads) == 1 else None
    text = f'''"""Add index {name}.

Revision ID: {digest}
Revises: {", ".join(heads)}
"""

{imports or "from alembic import op"}

revision = {python_string(digest)}
down_revision = {python_string(head) if head else _many(heads)}
branch_labels = None
depends_on = None


def upgrade() -> None:
{indented(up)}


def downgrade() -> None:
{indented(down)}
'''
    return digest, text


def _many(heads: tuple[str, ...]) -> str:
    if not heads:
        return "None"
    return (
        f"{python_string(heads[0])}  # one of several heads: {', '.join(heads)}; merge them first"
    )


def _plain(index: CreateIndex, table: Table) -> str:
    return autocommit(
        drop_leftover(table.full_name, index.name or ""), create_index(index, table.full_name)
    )


def _by_partition(index: CreateIndex, table: Table, parts: list[Table]) -> str:
    """CONCURRENTLY is refused for a partitioned table: partition by partition, then attached."""
    from dataclasses import replace

    from bot.explain.names.naming import short

    single: list[str] = []
    attached = [execute(create_sql(index, table, only=True))]
    for part in parts:
        own = short(f"{part.name}_{index.name}")
        single += [drop_leftover(part.full_name, own)]
        single += [create_index(replace(index, name=own), part.full_name)]
        parent, child = beside(table.full_name, index.name or ""), beside(part.full_name, own)
        attached.append(execute(f"ALTER INDEX {parent} ATTACH PARTITION {child}"))
    return "\n".join([*([autocommit(*single)] if single else []), *attached])
