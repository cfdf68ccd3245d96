"""Columns, constraints and the sub-commands of ALTER TABLE, as parsed."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sql.names import Name

_SERIAL = {
    "serial": "int",
    "serial4": "int",
    "bigserial": "bigint",
    "serial8": "bigint",
    "smallserial": "smallint",
    "serial2": "smallint",
}


@dataclass(frozen=True)
class Default:
    """An expression, mostly of a default: ``constant`` when it is a literal, cast or not.

    ``functions`` are the functions that it calls, in lower case and without ``pg_catalog``;
    ``columns`` those that it reads. ``never_null``: it is a literal other than NULL, or a COALESCE
    that ends in one.
    """

    sql: str
    constant: bool = False
    functions: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    never_null: bool = False


@dataclass(frozen=True)
class Constraint:
    """One constraint, of a table or of a column.

    ``type`` is "primary key", "unique", "check", "foreign key", "exclude" or "not null"; ``name``
    is None where PostgreSQL chooses it; ``columns`` are empty for a CHECK. ``expression`` is the
    CHECK's. ``references`` and the referenced columns belong to a foreign key, and so do
    ``on_delete`` and ``on_update``: None where they were not written.
    """

    type: str
    name: str | None = None
    columns: tuple[str, ...] = ()
    expression: str | None = None
    not_valid: bool = False
    using_index: str | None = None
    references: Name | None = None
    referenced_columns: tuple[str, ...] = ()
    on_delete: str | None = None
    on_update: str | None = None
    deferrable: bool = False
    initially_deferred: bool = False
    no_inherit: bool = False


@dataclass(frozen=True)
class Column:
    """A column's definition.

    ``type`` as PostgreSQL deparses it ("varchar(50)", "timestamptz"). ``identity`` is "always" or
    "by default"; ``generated`` is "stored" or "virtual" and ``expression`` then says from what.
    ``constraints`` are its own ones, NOT NULL left to ``not_null``.
    """

    name: str
    type: str
    not_null: bool = False
    default: Default | None = None
    identity: str | None = None
    generated: str | None = None
    expression: str | None = None
    collation: str | None = None
    constraints: tuple[Constraint, ...] = ()

    @property
    def serial(self) -> str | None:
        """The integer type of a ``serial`` column, None for any other."""
        return _SERIAL.get(self.type.lower())


@dataclass(frozen=True)
class Bound:
    """Which rows a partition takes: a range from ``lower`` to below ``upper``, or ``values``.

    Each is SQL, MINVALUE and MAXVALUE included; all are empty for DEFAULT and for hash partitions.
    """

    lower: tuple[str, ...] = ()
    upper: tuple[str, ...] = ()
    values: tuple[str, ...] = ()

    @property
    def sql(self) -> str:
        """``FOR VALUES …`` as ATTACH PARTITION writes it; empty for DEFAULT and hash."""
        if self.values:
            return f"FOR VALUES IN ({', '.join(self.values)})"
        if self.lower:
            return f"FOR VALUES FROM ({', '.join(self.lower)}) TO ({', '.join(self.upper)})"
        return ""


@dataclass(frozen=True)
class Action:
    """One sub-command of ALTER TABLE.

    ``kind`` is PostgreSQL's wording in lower case: "add column", "drop column", "alter column
    type", "set not null", "drop not null", "set default", "drop default", "add constraint",
    "validate constraint", "drop constraint", "attach partition", "detach partition", "disable
    trigger", "set logged", "set unlogged", "set tablespace", "set access method", "add identity",
    … ``name`` is the column, constraint or trigger it is about, ``column`` the column alone.
    ``type`` and ``using`` belong to a type change, ``value`` to a SET. ``partition`` is the table
    that is attached or detached, ``bound`` what it takes.
    """

    kind: str
    name: str | None = None
    column: str | None = None
    definition: Column | None = None
    constraint: Constraint | None = None
    type: str | None = None
    using: str | None = None
    default: Default | None = None
    value: str | None = None
    partition: Name | None = None
    bound: Bound | None = None
    concurrently: bool = False
    if_exists: bool = False
    if_not_exists: bool = False
    cascade: bool = False
