"""What is new in head's schema against base's: what the policies on schemas judge.

Renamed objects are not new. Neither is what a partition or a child table has from its parent: the
parent's is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Generic, TypeVar

from bot.explain.history.renames import Renames, renames
from bot.facts import Project
from bot.facts.relation import Constraint, Index
from bot.facts.schema import Column, Table

T = TypeVar("T")


@dataclass(frozen=True)
class New(Generic[T]):
    """Something of a table that head has and base has not, or has otherwise.

    ``before`` is base's, where it has one of that name; ``base`` is base's table, None where the
    table is new too.
    """

    table: Table
    thing: T
    before: T | None = None
    base: Table | None = None

    def newly(self, fault: Callable[[T], bool]) -> bool:
        """Whether this has a fault that it had not at base."""
        return fault(self.thing) and not (self.before is not None and fault(self.before))


@dataclass(frozen=True)
class Changes:
    """Everything that is new, in the order of the tables' names and of their parts.

    ``touched`` holds every table that is not what it was, with base's, None for a new one.
    """

    tables: tuple[Table, ...] = ()
    touched: tuple[tuple[Table, Table | None], ...] = ()
    columns: tuple[New[Column], ...] = ()
    constraints: tuple[New[Constraint], ...] = ()
    indexes: tuple[New[Index], ...] = ()


def new_tables(project: Project) -> tuple[Table, ...]:
    """Tables that base has not, partitions and foreign tables left out."""
    return changes(project).tables


def touched_tables(project: Project) -> tuple[tuple[Table, Table | None], ...]:
    """Tables that are not what they were, each with base's; None for one that base has not."""
    return changes(project).touched


def new_columns(project: Project) -> tuple[New[Column], ...]:
    """Columns that base has not, or has otherwise; those of new tables included."""
    return changes(project).columns


def new_constraints(project: Project, kind: str) -> tuple[New[Constraint], ...]:
    """Constraints of that kind that base has not, or has otherwise."""
    return tuple(item for item in changes(project).constraints if item.thing.kind == kind)


def new_indexes(project: Project) -> tuple[New[Index], ...]:
    """Indexes that base has not, or has otherwise; those behind constraints included."""
    return changes(project).indexes


def changes(project: Project) -> Changes:
    """Everything that is new; nothing where the schemas were not observed."""
    return _changes(_Same(project))


class _Same:
    """A project, told from others by being another object: comparing schemas takes longer."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def __hash__(self) -> int:
        return id(self.project)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.project is self.project


@lru_cache(maxsize=8)
def _changes(same: _Same) -> Changes:
    head, base = same.project.schema, same.project.base_schema
    if head is None or base is None:
        return Changes()
    before = {table.full_name: table for table in base.tables}
    named = renames(same.project)
    found: list[Table] = []
    touched: list[tuple[Table, Table | None]] = []
    columns: list[New[Column]] = []
    constraints: list[New[Constraint]] = []
    indexes: list[New[Index]] = []
    for table in head.tables:
        old = before.get(named.table(table.full_name))
        if table is old or table == old:
            continue
        if old is None and base.unread:
            continue  # it may be one of those that were not read
        if old is None and table.partition_of is None and table.kind != "foreign table":
            found.append(table)
        touched.append((table, old))
        columns += _columns(table, old, named)
        constraints += _constraints(table, old, named)
        indexes += _indexes(table, old, named)
    return Changes(tuple(found), tuple(touched), tuple(columns), tuple(constraints), tuple(indexes))


def _columns(table: Table, old: Table | None, named: Renames) -> Iterator[New[Column]]:
    for column in table.columns:
        if column.inherited:
            continue
        before = old.column(named.column(old.full_name, column.name)) if old else None
        if before is None or replace(before, name=column.name, position=column.position) != column:
            yield New(table, column, before, old)


def _constraints(table: Table, old: Table | None, named: Renames) -> Iterator[New[Constraint]]:
    known = {item.name: item for item in old.constraints} if old else {}
    for item in table.constraints:
        if item.inherited:
            continue
        before = known.get(named.constraint(old.full_name, item.name)) if old else None
        if before is None or not _same_rule(before, item, old, named):
            same_kind = before is not None and before.kind == item.kind
            yield New(table, item, before if same_kind else None, old)


def _indexes(table: Table, old: Table | None, named: Renames) -> Iterator[New[Index]]:
    known = {item.name: item for item in old.indexes} if old else {}
    behind = {item.constraint: item for item in old.indexes} if old else {}
    for item in table.indexes:
        if item.parent is not None:
            continue
        before = known.get(named.index(item.name))
        if before is None and item.constraint is not None and old is not None:
            before = behind.get(named.constraint(old.full_name, item.constraint))
        if before is None or not _same_index(before, item, old, named):
            yield New(table, item, before, old)


def _same_rule(before: Constraint, after: Constraint, old: Table | None, named: Renames) -> bool:
    """Whether it rules the same, its own name and those of renamed tables and columns aside."""
    table = old.full_name if old else ""
    columns = tuple(named.column(table, column) for column in after.columns)
    if after.kind in ("check", "exclude") and columns == after.columns:
        return before.definition == after.definition
    target = named.table(after.references) if after.references else None
    referenced = tuple(named.column(target or "", column) for column in after.referenced)
    actions = (after.on_delete, after.on_update, after.cleared, after.validated)
    return (before.kind, before.columns, before.references, before.referenced) == (
        after.kind,
        columns,
        target,
        referenced,
    ) and (before.on_delete, before.on_update, before.cleared, before.validated) == actions


def _same_index(before: Index, after: Index, old: Table | None, named: Renames) -> bool:
    """Whether it serves the same, its own name and those of renamed columns aside."""
    table = old.full_name if old else ""
    keys = tuple(
        replace(key, column=named.column(table, key.column)) if key.column else key
        for key in after.keys
    )
    alike = replace(
        after,
        name=before.name,
        keys=keys,
        definition=before.definition,
        constraint=before.constraint,
        include=tuple(named.column(table, column) for column in after.include),
        comment=before.comment,
    )
    return alike == before
