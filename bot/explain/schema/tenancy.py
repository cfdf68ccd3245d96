"""Whose rows a table holds: the column that says it, the table that it points to. Pure.

Stated in the settings; else read from the schema: `tenant_id` and `tenants` where either is there,
`user_id` and `users` where the schema knows users and no tenants.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.explain.guesses.plurals import plural
from bot.explain.schema.new_objects import touched_tables
from bot.explain.schema.types import sqlalchemy
from bot.facts import Project
from bot.facts.relation import Constraint
from bot.facts.schema import Column, Schema, Table
from bot.policy import Options

OWNERS = (("tenant_id", "tenants"), ("user_id", "users"))


@dataclass(frozen=True)
class Tenancy:
    """The column that isolates rows and the table ``schema.name`` that it refers to.

    ``table`` is None where the schema has no such table, ``key`` its primary key's only column.
    """

    column: str
    table: str | None
    key: Column | None = None
    exempt: frozenset[str] = frozenset()

    def of(self, table: Table) -> Column | None:
        """The table's isolating column, None where it has none or need not have one."""
        return None if self.shared(table) else table.column(self.column)

    def shared(self, table: Table) -> bool:
        """Whether the table belongs to nobody: exempt, or the table of tenants itself."""
        names = {table.full_name, table.name}
        return bool(names & self.exempt) or table.full_name == self.table

    def refers(self, key: Constraint) -> bool:
        """Whether a foreign key is the one to the table of tenants."""
        return self.table is not None and key.references == self.table

    @property
    def short(self) -> str:
        """The table of tenants as a reader calls it."""
        return (self.table or self.column).rpartition(".")[2]

    def code(self, table: Table) -> str:
        """The column as ``sa.Column``, its key included."""
        kind = (sqlalchemy(self.key.type) if self.key else None) or "sa.BigInteger()"
        if self.table is None or self.key is None:
            return f'sa.Column("{self.column}", {kind}, nullable=False),'
        target = self.table.removeprefix("public.")
        return (
            f'sa.Column(\n    "{self.column}",\n    {kind},\n'
            f'    sa.ForeignKey("{target}.{self.key.name}", name="fk_{table.name}_{self.short}",'
            f' ondelete="RESTRICT"),\n    nullable=False,\n),'
        )


def tenancy(project: Project, options: Options) -> Tenancy | None:
    """How this project keeps tenants apart; None where nothing says that it has any."""
    schemas = [item for item in (project.schema, project.base_schema) if item is not None]
    named = _named(schemas, options)
    if named is None:
        return None
    column, wanted = named
    found = next((t for s in schemas for t in s.tables if wanted in (t.full_name, t.name)), None)
    key = found.primary_key if found else None
    alone = found.column(key.columns[0]) if found and key and len(key.columns) == 1 else None
    return Tenancy(
        column, found.full_name if found else None, alone, frozenset(options.tenant_exempt)
    )


def _named(schemas: list[Schema], options: Options) -> tuple[str, str] | None:
    if options.tenant_column is not None:
        usual = dict(OWNERS).get(options.tenant_column) or plural(
            options.tenant_column.removesuffix("_id")
        )
        return options.tenant_column, options.tenant_table or usual
    if options.tenant_table is not None:
        column = next((c for c, t in OWNERS if t == options.tenant_table), OWNERS[0][0])
        return column, options.tenant_table
    tables = [table for schema in schemas for table in schema.tables]
    for column, name in OWNERS:
        if any(table.name == name or table.column(column) for table in tables):
            return column, name
    return None


def is_guess(rules: Tenancy, options: Options) -> bool:
    """Whether users are taken for tenants because the schema knows no others: nobody said so."""
    return (
        options.tenant_column is None
        and options.tenant_table is None
        and rules.column != OWNERS[0][0]
    )


def owned(project: Project, rules: Tenancy) -> Iterator[tuple[Table, Column, Table | None]]:
    """Tables with the isolating column that are not what they were, each with base's.

    Partitions are left out: their parents are judged.
    """
    for table, before in touched_tables(project):
        column = rules.of(table)
        if column is not None and table.partition_of is None and table.kind != "foreign table":
            yield table, column, before
