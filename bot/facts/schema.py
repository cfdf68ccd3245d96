"""A PostgreSQL schema as policies and the row generator see it. No opinions.

Names of relations, types and functions are ``schema.name``, unquoted. Texts are PostgreSQL's own
(``pg_get_expr``, ``format_type``, …) with an empty search path, so every name in them is qualified;
one that is too long is cut and ends in "…". What an extension brought and Alembic's version table
are not part of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.facts.data_types import CompositeType, DataType, Domain, EnumType, RangeType
from bot.facts.relation import Constraint, Index, RowPolicy, Trigger

MADE_UP = "_recheck"  # ends the name of a schema that stands for that of a tenant


def by_search_path(schema: str) -> bool:
    """Whether code leaves that schema out: ``public``, or one that stands for every tenant's.

    Of the latter, env.py's own ``search_path`` decides which it is.
    """
    return schema in ("", "public") or schema.endswith(MADE_UP)


@dataclass(frozen=True, slots=True)
class Grant:
    """What one role may do with one object, beyond its owner.

    ``role`` is ``PUBLIC`` for everybody. ``privileges`` are SQL's words ("SELECT"); ``grantable``
    those that the role may pass on.
    """

    role: str
    privileges: tuple[str, ...]
    grantable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``position`` counts the table's columns from 1, dropped ones left out.

    ``nullable`` is the column's own rule; a domain's NOT NULL is with the domain. ``default`` is
    the expression, None for none and for generated columns. ``identity`` is "always" or "by
    default"; ``generated`` is the expression of a generated column and ``virtual`` true where it is
    not stored. ``collation`` is None where it is the type's. ``inherited``: it came from a parent.
    """

    name: str
    position: int
    type: DataType
    nullable: bool = True
    default: str | None = None
    identity: str | None = None
    generated: str | None = None
    virtual: bool = False
    collation: str | None = None
    comment: str | None = None
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class Partitioning:
    """How a partitioned table parts its rows.

    ``strategy`` is "range", "list" or "hash"; ``key`` as ``pg_get_partkeydef`` prints it;
    ``columns`` are its columns, None for an expression.
    """

    strategy: str
    key: str
    columns: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table with all that hangs on it.

    ``kind`` is "table", "partitioned table" or "foreign table". ``partition_of`` is the parent of
    a partition and ``bound`` its part ("FOR VALUES FROM (1) TO (10)", "DEFAULT"); ``inherits`` are
    parents of plain inheritance. ``persistence`` is "permanent" or "unlogged". Constraints are
    the table's own and the inherited ones, NOT NULL excepted (that is in ``Column.nullable``);
    indexes include those behind constraints.
    """

    schema: str
    name: str
    kind: str = "table"
    persistence: str = "permanent"
    owner: str = ""
    comment: str | None = None
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    policies: tuple[RowPolicy, ...] = ()
    row_security: bool = False
    forced_row_security: bool = False
    partitioning: Partitioning | None = None
    partition_of: str | None = None
    bound: str | None = None
    inherits: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()

    @property
    def full_name(self) -> str:
        """``schema.name``."""
        return f"{self.schema}.{self.name}"

    def column(self, name: str) -> Column | None:
        """The column of that name, or None."""
        return next((item for item in self.columns if item.name == name), None)

    @property
    def primary_key(self) -> Constraint | None:
        """The primary key, or None."""
        return next((item for item in self.constraints if item.kind == "primary key"), None)

    @property
    def foreign_keys(self) -> tuple[Constraint, ...]:
        """The foreign keys, in the order of their names."""
        return tuple(item for item in self.constraints if item.kind == "foreign key")


@dataclass(frozen=True, slots=True)
class View:
    """A view or materialized view (``kind``) with the SELECT that it stands for."""

    schema: str
    name: str
    kind: str
    definition: str
    options: tuple[str, ...] = ()
    indexes: tuple[Index, ...] = ()
    owner: str = ""
    comment: str | None = None
    grants: tuple[Grant, ...] = ()

    @property
    def full_name(self) -> str:
        """``schema.name``."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class Function:
    """A function or procedure (``kind``).

    ``signature`` is ``schema.name(argument types)``; ``returns`` is "" for a procedure;
    ``settings`` are its SET clauses ("search_path=pg_catalog"). ``public``: everybody may execute
    it, as PostgreSQL has it unless that is revoked.
    """

    signature: str
    kind: str
    language: str
    returns: str
    definition: str
    security_definer: bool = False
    settings: tuple[str, ...] = ()
    public: bool = True
    owner: str = ""
    comment: str | None = None
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence. ``owned_by`` is the column ``schema.table.column`` that it goes with.

    ``identity`` is true where it is the inside of an identity column.
    """

    schema: str
    name: str
    type: str
    owned_by: str | None = None
    identity: bool = False
    owner: str = ""
    grants: tuple[Grant, ...] = ()

    @property
    def full_name(self) -> str:
        """``schema.name``."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class Extension:
    """An installed extension."""

    name: str
    version: str
    schema: str


@dataclass(frozen=True, slots=True)
class Namespace:
    """A PostgreSQL schema (``CREATE SCHEMA``)."""

    name: str
    owner: str = ""
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the cluster that is neither PostgreSQL's nor the bot's."""

    name: str
    superuser: bool = False
    login: bool = False
    create_role: bool = False
    bypass_row_security: bool = False


@dataclass(frozen=True, slots=True)
class CheckTrial:
    """A new CHECK constraint that the database evaluated for invented values, NULL among them.

    ``tried`` counts the combinations of values and ``refused`` those for which it was false.
    ``broken_default`` is the column's own default (its expression) where the CHECK refuses it.
    """

    table: str
    constraint: str
    tried: int
    refused: int
    broken_default: str | None = None


@dataclass(frozen=True)
class Schema:
    """All of one database's schema at one moment.

    ``unread`` counts tables beyond the limit that are not in ``tables``: with it, a table that is
    not found may yet exist.
    """

    tables: tuple[Table, ...] = ()
    views: tuple[View, ...] = ()
    functions: tuple[Function, ...] = ()
    enums: tuple[EnumType, ...] = ()
    domains: tuple[Domain, ...] = ()
    composites: tuple[CompositeType, ...] = ()
    ranges: tuple[RangeType, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    extensions: tuple[Extension, ...] = ()
    namespaces: tuple[Namespace, ...] = ()
    roles: tuple[Role, ...] = ()
    unread: int = 0

    def table(self, name: str) -> Table | None:
        """The table ``schema.name``, or None."""
        return next((item for item in self.tables if item.full_name == name), None)
