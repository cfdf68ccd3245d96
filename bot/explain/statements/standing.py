"""Which relations stood before the change: for statements whose effects nobody saw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.facts import Project
from bot.facts.schema import Table
from bot.sql import CreateIndex, CreateTable, Drop, Name, Piece, Rename


@dataclass
class Standing:
    """Base's tables and indexes, and what the change made, renamed and dropped since.

    ``tables`` holds base's by their name of today, ``indexes`` for each index its table. ``made``
    are the change's own. ``known`` is false where base's schema was not seen: then whatever the
    change did not make is taken for base's.
    """

    known: bool
    tables: dict[str, Table | None] = field(default_factory=dict)
    indexes: dict[str, str] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)

    @classmethod
    def before(cls, project: Project) -> Standing:
        """As it was before the first revision of the change."""
        schema = project.base_schema
        if schema is None:
            return cls(known=False)
        tables: dict[str, Table | None] = {item.full_name: item for item in schema.tables}
        views = [item for item in schema.views if item.kind == "materialized view"]
        tables |= {item.full_name: None for item in views}
        indexes = {index.name: item.full_name for item in schema.tables for index in item.indexes}
        indexes |= {index.name: item.full_name for item in views for index in item.indexes}
        return cls(schema.unread == 0, tables, indexes)

    def relation(self, name: Name) -> str:
        """The ``schema.name`` that is meant; without a schema that of the one there is."""
        if name.schema is not None:
            return f"{name.schema}.{name.name}"
        public = f"public.{name.name}"
        known = [item for item in (*self.made, *self.tables, *self.indexes) if name.names(item)]
        return public if public in known or not known else known[0]

    def existed(self, relation: str) -> bool:
        """Whether it was there before the change."""
        if relation in self.made:
            return False
        return relation in self.tables or relation in self.indexes or not self.known

    def table(self, relation: str) -> Table | None:
        """What base's catalogue says of that table, if it is known."""
        return self.tables.get(relation)

    def follow(self, pieces: Iterable[Piece]) -> None:
        """Take in what a statement made, renamed or dropped."""
        for piece in pieces:
            match piece.detail:
                case CreateTable() as created:
                    if not (created.if_not_exists and self.relation(created.table) in self.tables):
                        self.made.add(self.relation(created.table))
                case CreateIndex(name=str() as name) as index:
                    table = self.relation(index.table)
                    relation = f"{table.rpartition('.')[0]}.{name}"
                    self.made.add(relation)
                    self.indexes[relation] = table
                case Rename(object="table" | "index", relation=Name() as old) as rename:
                    self._rename(self.relation(old), rename.new)
                case Drop(object="table" | "index" | "materialized view") as drop:
                    for name in map(self.relation, drop.names):
                        self.made.discard(name)
                        self.tables.pop(name, None)
                        self.indexes.pop(name, None)
                case _:
                    pass

    def _rename(self, old: str, new_name: str) -> None:
        new = f"{old.rpartition('.')[0]}.{new_name}"
        if old in self.made:
            self.made.remove(old)
            self.made.add(new)
        if old in self.tables:
            self.tables[new] = self.tables.pop(old)
        if old in self.indexes:
            self.indexes[new] = self.indexes.pop(old)
        self.indexes = {
            index: new if table == old else table for index, table in self.indexes.items()
        }
