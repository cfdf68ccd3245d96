"""Constraints, indexes and triggers of one snapshot's tables, as facts. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from bot.facts.relation import Constraint, Index, IndexKey, RowPolicy, Trigger
from bot.observe.catalogue.snapshot import Snapshot
from bot.observe.catalogue.structure import ConstraintRow, IndexRow, Structure, TriggerRow
from bot.observe.catalogue.values import cut, words

_KINDS = {"p": "primary key", "u": "unique", "c": "check", "f": "foreign key", "x": "exclude"}
_ACTIONS = {"r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}

# pg_index.indoption and pg_trigger.tgtype (PostgreSQL's pg_index.h and catalog/pg_trigger.h).
_DESCENDING, _NULLS_FIRST = 1, 2
_ROW, _BEFORE, _INSTEAD = 1, 2, 64
_EVENTS = {4: "INSERT", 16: "UPDATE", 8: "DELETE", 32: "TRUNCATE"}

_Owned = TypeVar("_Owned", ConstraintRow, IndexRow, TriggerRow)


class Keys:
    """What hangs on the tables of one snapshot, by the table's object id."""

    def __init__(self, snapshot: Snapshot, structure: Structure) -> None:
        self._snapshot = snapshot
        self._names: Mapping[int, str] = {
            row.oid: f"{row.schema}.{row.name}" for row in structure.relations or ()
        }
        self._columns = {
            row.oid: {each.number: each for each in row.attributes or ()}
            for row in structure.relations or ()
        }
        self._constraints = _grouped(structure.constraints)
        self._indexes = _grouped(structure.indexes)
        self._triggers = _grouped(structure.triggers)
        self._index_names = {row.oid: f"{row.schema}.{row.name}" for row in structure.indexes or ()}
        self._backed = {row.index: row for row in structure.constraints or () if row.index}
        self._opclasses = {row.oid: row.name for row in structure.opclasses or ()}
        self._collations = {
            row.oid: row.name for row in structure.collations or () if row.name != "default"
        }

    def rows(self, relation: int) -> tuple[list[ConstraintRow], list[IndexRow], list[TriggerRow]]:
        """All that hangs on the table, as it was read."""
        return self._constraints[relation], self._indexes[relation], self._triggers[relation]

    def name(self, relation: int) -> str:
        """The table's ``schema.name``, "" for one that is not part of the snapshot."""
        return self._names.get(relation, "")

    def columns(self, relation: int, numbers: Iterable[int] | None) -> tuple[str, ...]:
        """The columns of these attribute numbers."""
        known = self._columns.get(relation, {})
        return tuple(known[number].name for number in numbers or () if number in known)

    def constraints(self, relation: int) -> tuple[Constraint, ...]:
        """Every constraint of the table, by name."""
        return tuple(self._constraint(row) for row in self._constraints[relation])

    def indexes(self, relation: int) -> tuple[Index, ...]:
        """Every index of the table or materialized view, by name."""
        return tuple(self._index(row) for row in self._indexes[relation])

    def triggers(self, relation: int) -> tuple[Trigger, ...]:
        """Every trigger of the table that a user made, by name."""
        return tuple(_trigger(row) for row in self._triggers[relation])

    def policies(self, relation: int) -> tuple[RowPolicy, ...]:
        """Every row-security policy of the table, by name."""
        table = self._names[relation]
        rows = (row for row in self._snapshot.children.get(table, ()) if row["kind"] == "policy")
        return tuple(
            RowPolicy(
                name=row["name"].removeprefix(f"{table}."),
                permissive=row["permissive"],
                command=words("command", row["command"]),
                roles=tuple(row["roles"]),
                using=row.get("using"),
                check=row.get("with check"),
            )
            for row in rows
        )

    def _constraint(self, row: ConstraintRow) -> Constraint:
        key = ("constraint", f"{self._names[row.relation]}.{row.name}")
        said = self._snapshot.rows.get(key, {})
        return Constraint(
            name=row.name,
            kind=_KINDS.get(row.type, row.type),
            columns=self.columns(row.relation, row.columns),
            definition=cut(row.definition or said.get("definition", "")),
            validated=row.validated,
            enforced=row.enforced,
            deferrable=row.deferrable,
            deferred=row.deferred,
            no_inherit=row.no_inherit and row.type == "c",  # it is set for every key
            inherited=row.inherited,
            references=row.references_name,
            referenced=self.columns(row.references, row.referenced),
            on_delete=_ACTIONS.get(row.on_delete, "NO ACTION"),
            on_update=_ACTIONS.get(row.on_update, "NO ACTION"),
            cleared=self.columns(row.relation, row.cleared),
            match_full=row.match == "f",
            index=self._index_names.get(row.index),
            comment=said.get("comment"),
        )

    def _index(self, row: IndexRow) -> Index:
        name, backed = self._index_names[row.oid], self._backed.get(row.oid)
        key = ("index", name)
        if backed is not None:
            key = ("constraint", f"{self._names[row.relation]}.{backed.name}")
        said = self._snapshot.rows.get(key, {})
        return Index(
            name=name,
            keys=tuple(self._key(row, place) for place in range(row.keys)),
            definition=cut(said.get("definition", "")),
            method=row.method,
            unique=row.unique,
            primary=row.primary,
            nulls_not_distinct=row.nulls_not_distinct,
            include=self.columns(row.relation, row.key[row.keys :]),
            predicate=cut(row.predicate) if row.predicate else None,
            valid=row.valid,
            constraint=backed.name if backed else None,
            parent=self._index_names.get(row.parent or 0),
            comment=said.get("index comment" if backed else "comment"),
        )

    def _key(self, row: IndexRow, place: int) -> IndexKey:
        number, collation, options = row.key[place], row.collations[place], row.options[place]
        column = self._columns[row.relation].get(number)
        own = column.collation if column else 0
        return IndexKey(
            column=column.name if column else None,
            expression=None if column else _expression(row, place),
            opclass=self._opclasses.get(row.opclasses[place]),
            collation=None if collation == own else self._collations.get(collation),
            descending=bool(options & _DESCENDING),
            nulls_first=bool(options & _NULLS_FIRST),
        )


def _grouped(rows: Sequence[_Owned] | None) -> dict[int, list[_Owned]]:
    found: dict[int, list[_Owned]] = defaultdict(list)
    for row in sorted(rows or (), key=lambda row: row.name):
        found[row.relation].append(row)
    return found


def _expression(row: IndexRow, place: int) -> str:
    before = row.key[:place].count(0)
    expressions = row.expressions or []
    return cut(expressions[before]) if before < len(expressions) else ""


def _trigger(row: TriggerRow) -> Trigger:
    timing = "INSTEAD OF" if row.type & _INSTEAD else "BEFORE" if row.type & _BEFORE else "AFTER"
    return Trigger(
        name=row.name,
        timing=timing,
        events=tuple(event for bit, event in _EVENTS.items() if row.type & bit),
        function=row.function,
        definition=cut(row.definition),
        for_each_row=bool(row.type & _ROW),
        enabled=row.enabled != "D",
        constraint=row.constraint,
        inherited=row.inherited,
    )
