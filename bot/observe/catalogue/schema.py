"""A snapshot as ``bot.facts.schema.Schema``: what policies and the row generator work on. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.facts.schema import Schema, Table
from bot.observe.catalogue import objects
from bot.observe.catalogue.data_types import DataTypes
from bot.observe.catalogue.keys import Keys
from bot.observe.catalogue.snapshot import Snapshot
from bot.observe.catalogue.structure import RelationRow, read
from bot.observe.catalogue.tables import table

MOST_OBJECTS = 60_000  # columns, constraints and indexes; beyond it ``Schema.unread`` counts


def schema_of(snapshot: Snapshot) -> Schema:
    """The schema that the snapshot holds.

    Raises:
        ValueError: the snapshot was taken without its structure.
    """
    return _Reading(snapshot).schema()


def schemas(before: Snapshot, after: Snapshot) -> tuple[Schema, Schema]:
    """Both schemas; a table that is alike in both, as most are, is made once.

    ``after`` must be of the same database or a clone of it: object ids are compared.

    Raises:
        ValueError: a snapshot was taken without its structure.
    """
    first = _Reading(before)
    old = first.schema()
    if before.structure == after.structure and before.raw == after.raw:
        return old, old
    return old, _Reading(after, first, {item.full_name: item for item in old.tables}).schema()


class _Reading:
    """One snapshot taken apart; what ``other`` has alike is taken from ``known``."""

    def __init__(
        self,
        snapshot: Snapshot,
        other: _Reading | None = None,
        known: Mapping[str, Table] | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._structure = read(snapshot.structure)
        self._types = DataTypes(self._structure.types or ())
        self._keys = Keys(snapshot, self._structure)
        self._relations = {row.oid: row for row in self._structure.relations or ()}
        self._other = other
        self._known = known or {}

    def schema(self) -> Schema:
        """All of it."""
        snapshot, structure = self._snapshot, self._structure
        tables, unread = self._tables()
        return Schema(
            tables=tables,
            views=tuple(objects.views(snapshot, structure, self._keys)),
            functions=tuple(objects.functions(snapshot, structure)),
            enums=tuple(objects.enums(snapshot)),
            domains=tuple(objects.domains(snapshot, self._types)),
            composites=tuple(objects.composites(structure, self._types)),
            ranges=tuple(objects.ranges(snapshot)),
            sequences=tuple(objects.sequences(snapshot)),
            extensions=tuple(objects.extensions(snapshot)),
            namespaces=tuple(objects.namespaces(snapshot)),
            roles=tuple(objects.roles(snapshot)),
            unread=unread,
        )

    def _tables(self) -> tuple[tuple[Table, ...], int]:
        """The tables by name, those that ``other`` has otherwise before all others."""
        rows = [row for row in self._relations.values() if row.kind != "m"]
        alike = {row.oid for row in rows if self._alike(row)}
        found: list[Table] = []
        size = 0
        for row in sorted(rows, key=lambda row: (row.oid in alike, row.schema, row.name)):
            name = self._keys.name(row.oid)
            made = self._known.get(name) if row.oid in alike else None
            made = made or table(self._snapshot, row, self._types, self._keys)
            size += len(made.columns) + len(made.constraints) + len(made.indexes)
            if size > MOST_OBJECTS and found:
                break
            found.append(made)
        found.sort(key=lambda item: (item.schema, item.name))
        return tuple(found), len(rows) - len(found)

    def _alike(self, row: RelationRow) -> bool:
        other = self._other
        return other is not None and self._token(row.oid) == other._token(row.oid)

    def _token(self, oid: int) -> tuple[object, ...]:
        """All that a table is made from; the names of its parents are left to their ids."""
        name = self._keys.name(oid)
        rows = self._snapshot.rows
        row = rows.get(("table", name)) or rows.get(("foreign table", name))
        children = self._snapshot.children.get(name)
        return self._relations.get(oid), row, children, self._keys.rows(oid)
