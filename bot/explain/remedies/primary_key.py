"""Which primary key a table could have, in complete code."""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.alembic_code import create_primary_key
from bot.explain.names.names import op_table, python_string
from bot.explain.names.naming import constraint_name
from bot.explain.patch.changes import after
from bot.explain.patch.patch import patched
from bot.explain.schema.origin import Origin
from bot.facts import Facts
from bot.facts.relation import Constraint
from bot.facts.schema import Schema, Table
from bot.policy import Remedy
from bot.wording import block, several
from bot.wording import code as span

_IDENTITY = "sa.BigInteger, sa.Identity()"


def key_remedies(
    facts: Facts, made: Origin, table: Table, before: Table | None
) -> tuple[Remedy, ...]:
    """The table's own unique columns where it has such, and a new identity column."""
    if before is not None and before.primary_key is not None:
        text = block(_create(table, before.primary_key.columns), "python")
        return (Remedy("Keep the key, or make the new one in the same revision", text),)
    found = list(_candidates(table))
    remedies = []
    for columns, instead in found[:1]:
        code = _create(table, columns)
        remedies.append(
            Remedy(
                f"Make {several(columns)} the key",
                f"In place of the unique constraint {span(instead)}:\n\n{block(code, 'python')}"
                if instead
                else block(code, "python"),
                trade_off="Every one of its columns becomes NOT NULL, and no pair may occur twice."
                if len(columns) > 1
                else "",
                patch=None if instead else patched(facts, made.path, after(made.line, code)),
            )
        )
    return (*remedies, *_new_column(made.project.schema, table))


def _new_column(schema: Schema | None, table: Table) -> Iterator[Remedy]:
    within = table.partitioning.columns if table.partitioning else ()
    if None in within:
        yield Remedy(
            "Partition by columns",
            "PostgreSQL has no primary key for a table that is partitioned by an expression: a "
            "generated column can hold its value.",
        )
        return
    if table.column("id") is not None:
        return
    keys = ", ".join(map(python_string, ("id", *filter(None, within))))
    uuids = schema is not None and _by_uuid(schema)
    kind = "sa.Uuid, server_default=sa.func.gen_random_uuid()" if uuids else _IDENTITY
    code = (
        f'sa.Column("id", {kind}, nullable=False),\n'
        f"sa.PrimaryKeyConstraint({keys}, name={python_string(constraint_name('pk', table))}),"
    )
    target, _ = op_table(table.full_name)
    yield Remedy(
        f"Add {'a column of UUIDs' if uuids else 'an identity column'}",
        f"Among the arguments of {span(f'op.create_table({target}, …)')}:\n\n"
        + block(code, "python"),
        trade_off="It names rows and says nothing of them: where a pair of columns must not occur "
        "twice, that still takes a unique constraint.",
    )


def _by_uuid(schema: Schema) -> bool:
    """Whether most of the keys that are one column are UUIDs."""
    keys = [
        table.column(item.columns[0])
        for table in schema.tables
        for item in table.constraints
        if item.kind == "primary key" and len(item.columns) == 1
    ]
    return sum(each is not None and each.type.base == "uuid" for each in keys) * 2 > len(keys)


def _create(table: Table, columns: tuple[str, ...]) -> str:
    return create_primary_key(table, constraint_name("pk", table), columns)


def _candidates(table: Table) -> Iterator[tuple[tuple[str, ...], str | None]]:
    """Unique columns that are never NULL; ``id``; the columns of an association's foreign keys.

    With each the unique constraint that it would take the place of.
    """
    required = {column.name for column in table.columns if not column.nullable}
    within = set(table.partitioning.columns) if table.partitioning else set()
    if None in within:
        return
    for item in table.constraints:
        if item.kind == "unique" and set(item.columns) <= required and within <= set(item.columns):
            yield item.columns, item.name
    if table.column("id") is not None:
        rest = tuple(name for name in sorted(filter(None, within)) if name != "id")
        yield ("id", *rest), None
    elif len(table.foreign_keys) > 1 and not within and _associates(table.foreign_keys, table):
        yield tuple(dict.fromkeys(name for key in table.foreign_keys for name in key.columns)), None


def _associates(keys: tuple[Constraint, ...], table: Table) -> bool:
    columns = {name for key in keys for name in key.columns}
    return len(keys) == 2 and len(table.columns) - len(columns) <= 2  # noqa: PLR2004 - two sides, and perhaps two time stamps
