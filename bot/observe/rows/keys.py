"""Unique keys and foreign keys, as far as rows must obey them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.facts.relation import Constraint, Index
from bot.facts.schema import Schema, Table
from bot.observe.rows.expression import columns, read
from bot.observe.rows.tokens import Unreadable

_FOLDING = frozenset({"citext", "character"})  # of the latter blanks at the end do not count


@dataclass(frozen=True)
class Reference:
    """A foreign key. ``required`` is false for one that only head has."""

    columns: tuple[str, ...]
    table: str
    referenced: tuple[str, ...]
    required: bool = True


@dataclass(frozen=True)
class Key:
    """A unique key.

    ``folded``: texts that differ in case or in blanks at their end alone may be the same to it, for
    it is an index on expressions or of such a type.
    """

    columns: tuple[str, ...]
    folded: bool = False
    nulls_alike: bool = False

    def of(self, row: Mapping[str, str | None]) -> tuple[str | None, ...] | None:
        """The row's value of the key, None where it cannot be a duplicate."""
        found = tuple(row[name] for name in self.columns)
        if None in found and not self.nulls_alike:
            return None
        if not self.folded:
            return found
        return tuple(item and item.casefold().rstrip(" ") for item in found)


def keys(table: Table) -> Iterable[Key]:
    """Every unique key; a partial one counts as if it were not."""
    for constraint in table.constraints:
        if constraint.kind in ("primary key", "unique"):
            nulls_alike = "NULLS NOT DISTINCT" in constraint.definition
            yield Key(constraint.columns, _folds(table, constraint.columns), nulls_alike)
    for index in table.indexes:
        if index.unique and index.constraint is None:
            names = tuple(dict.fromkeys(mentioned(index)))
            folded = any(key.column is None for key in index.keys) or _folds(table, names)
            yield Key(names, folded, index.nulls_not_distinct)


def _folds(table: Table, names: Iterable[str]) -> bool:
    """Whether one is of a type that takes different texts for the same."""
    found = [table.column(name) for name in names]
    kinds = {column.type.base.rpartition(".")[2] for column in found if column is not None}
    return not kinds.isdisjoint(_FOLDING)


def mentioned(index: Index) -> Iterable[str]:
    """The columns of the index, those inside expressions too."""
    for key in index.keys:
        if key.column is not None:
            yield key.column
            continue
        try:
            yield from sorted(columns(read(key.expression or "")))
        except Unreadable:
            continue


def references(table: Table, after: Table | None, base: Schema) -> Iterable[Reference]:
    """Base's foreign keys, the longest first, and those that head adds between base's columns."""
    known = [_reference(item, required=True) for item in table.foreign_keys]
    for item in after.foreign_keys if after else ():
        new = _reference(item, required=False)
        target = base.table(new.table)
        if target is None or any(target.column(name) is None for name in new.referenced):
            continue
        if all(table.column(name) for name in new.columns) and new.columns not in {
            each.columns for each in known
        }:
            known.append(new)
    return sorted(known, key=lambda item: (-len(item.columns), not item.required))


def _reference(item: Constraint, *, required: bool) -> Reference:
    return Reference(item.columns, item.references or "", item.referenced, required)
