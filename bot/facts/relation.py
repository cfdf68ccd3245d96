"""What hangs on a table: constraints, indexes, triggers, row-security policies. No opinions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint of a table.

    ``kind`` is "primary key", "unique", "check", "foreign key" or "exclude"; ``columns`` are in the
    key's order (for a CHECK those it mentions, in the table's order). ``definition`` is
    ``pg_get_constraintdef``'s. ``references`` is the table ``schema.name`` that a foreign key
    points to and ``referenced`` its columns; ``on_delete`` and ``on_update`` are "NO ACTION",
    "RESTRICT", "CASCADE", "SET NULL" or "SET DEFAULT", ``cleared`` the columns that
    ``SET NULL (…)`` names (empty: all). ``index`` names the index behind a key. ``inherited``: it
    follows from the parent's and cannot be dropped alone.
    """

    name: str
    kind: str
    columns: tuple[str, ...]
    definition: str
    validated: bool = True
    enforced: bool = True
    deferrable: bool = False
    deferred: bool = False
    no_inherit: bool = False
    inherited: bool = False
    references: str | None = None
    referenced: tuple[str, ...] = ()
    on_delete: str = "NO ACTION"
    on_update: str = "NO ACTION"
    cleared: tuple[str, ...] = ()
    match_full: bool = False
    index: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class IndexKey:
    """One key of an index: a column or an expression.

    ``opclass`` and ``collation`` are None where they are the defaults of the column's type.
    """

    column: str | None = None
    expression: str | None = None
    opclass: str | None = None
    collation: str | None = None
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """One index of a table or materialized view.

    ``name`` is ``schema.name``; ``definition`` is ``pg_get_indexdef``'s, or the constraint's for
    one that backs a constraint. ``include`` are columns that it only carries. ``predicate`` is that
    of a partial index. ``constraint`` names the constraint that it backs. ``parent`` is the
    partitioned index that it is a part of.
    """

    name: str
    keys: tuple[IndexKey, ...]
    definition: str
    method: str = "btree"
    unique: bool = False
    primary: bool = False
    nulls_not_distinct: bool = False
    include: tuple[str, ...] = ()
    predicate: str | None = None
    valid: bool = True
    constraint: str | None = None
    parent: str | None = None
    comment: str | None = None

    @property
    def columns(self) -> tuple[str | None, ...]:
        """The columns of its keys in order, None where a key is an expression."""
        return tuple(key.column for key in self.keys)

    def starts_with(self, columns: tuple[str, ...]) -> bool:
        """Whether its first keys are these columns, in any order."""
        return set(self.columns[: len(columns)]) == set(columns)


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger of a table that a user made.

    ``timing`` is "BEFORE", "AFTER" or "INSTEAD OF"; ``events`` are "INSERT", "UPDATE", "DELETE",
    "TRUNCATE"; ``function`` is the ``schema.name`` that it calls. ``inherited``: it is a copy of
    the partitioned table's.
    """

    name: str
    timing: str
    events: tuple[str, ...]
    function: str
    definition: str
    for_each_row: bool = True
    enabled: bool = True
    constraint: bool = False
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class RowPolicy:
    """A row-security policy.

    ``command`` is "ALL", "SELECT", "INSERT", "UPDATE" or "DELETE"; ``roles`` holds "PUBLIC" for
    everybody; ``using`` and ``check`` are its expressions, None for none.
    """

    name: str
    permissive: bool
    command: str
    roles: tuple[str, ...]
    using: str | None = None
    check: str | None = None
