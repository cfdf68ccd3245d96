"""Rows for the tables of a database: made by their plans, mended by the server's verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.facts.rows import Filled, Origin, Trait, Unfilled
from bot.facts.schema import Schema, Table
from bot.observe.rows.circle import insert_circle
from bot.observe.rows.cycles import in_order
from bot.observe.rows.insert import Inserted, Refused, insert, said
from bot.observe.rows.json_looks import Looks
from bot.observe.rows.keys import Reference
from bot.observe.rows.maker import Known, Wanted
from bot.observe.rows.mend import guessed
from bot.observe.rows.parents import Keys
from bot.observe.rows.plan import TablePlan, counted, plan_table
from bot.observe.rows.target import Target
from bot.observe.rows.unvalidated import waived, without
from bot.observe.rows.values import Values

if TYPE_CHECKING:
    from psycopg import Connection

_NO_RIGHTS = "the role that runs the migrations may not write to it"
_FEW = 10  # rows of a table that the change is far from
_BEYOND = 1000  # the number of the first row of a table that holds some already
_MOST_KEYS = 1000  # of a parent that are looked at


@dataclass(frozen=True)
class Order:
    """Which tables to fill and how.

    ``base`` is the schema that is there, ``head`` one in which the rows should be valid too. With
    ``keep`` a table that holds rows gets no more. ``first`` is the number of the first row.
    ``spared`` are columns, with their tables, that shall not have a trait. ``far`` are tables for
    which a few rows will do. ``looks`` are what is known of JSON in base's columns.
    """

    base: Schema
    head: Schema
    tables: tuple[str, ...]
    rows: int
    traits: frozenset[Trait] = frozenset()
    seed: int = 0
    first: int = 0
    keep: bool = False
    spared: frozenset[tuple[str, str, Trait]] = frozenset()
    far: frozenset[str] = frozenset()
    looks: Looks = field(default_factory=dict)

    def count(self, table: Table) -> int:
        """How many rows that table gets."""
        return min(self.rows, _FEW) if table.full_name in self.far else self.rows


@dataclass(frozen=True)
class Held:
    """What the tables hold afterwards, and which hold nothing, why."""

    filled: tuple[Filled, ...] = ()
    unfilled: tuple[Unfilled, ...] = ()


def fill(connection: Connection[tuple[object, ...]], order: Order) -> Held:
    """Fill the tables in one transaction, parents first.

    Raises:
        psycopg.Error: the connection is lost, or what was altered could not be restored.
    """
    with connection.transaction():
        target = Target(connection)
        target.settle()
        filler = _Filler(target, order)
        filler.run()
        target.restore()
    return Held(tuple(filler.filled), tuple(filler.unfilled))


class _Filler:
    """One run of ``fill``; ``filled`` and ``unfilled`` grow with every table."""

    def __init__(self, target: Target, order: Order) -> None:
        self._target = target
        self._order = order
        self._values = Values(order.base, order.head, str(order.seed), order.looks)
        tables = [order.base.table(name) for name in order.tables]
        known = [table for table in tables if table is not None]
        self._waived = {table.full_name: waived(table, order.head, order.traits) for table in known}
        self._tables = {
            table.full_name: without(table, self._waived[table.full_name]) for table in known
        }
        self._before: dict[str, int] = {}
        self._pools: dict[tuple[str, tuple[str, ...]], Keys] = {}
        self.filled: list[Filled] = []
        self.unfilled: list[Unfilled] = []

    def run(self) -> None:
        """Every table, tables that refer to each other at once."""
        tables = [table for table in self._tables.values() if self._takes_rows(table)]
        theirs = self._target.refused(tables)
        self.unfilled += [Unfilled(name, _NO_RIGHTS) for name in sorted(theirs)]
        tables = [table for table in tables if table.full_name not in theirs]
        for table in tables:
            if table.forced_row_security:
                self._target.without_row_security(table)
            for constraint in self._waived[table.full_name]:
                self._target.without_constraint(table, constraint)
        self._before = self._target.counts(tables)
        for group in self._groups(tables):
            held = [name for name in group if self._order.keep and self._before[name]]
            self.filled += [Filled(name, self._before[name], Origin.BASE) for name in held]
            members = [self._tables[name] for name in group if name not in held]
            if members:
                self._group(members)

    def _groups(self, tables: Sequence[Table]) -> tuple[tuple[str, ...], ...]:
        """Parents first, those of keys that head adds too unless that would close a circle."""
        names = {table.full_name for table in tables}
        needs = {
            table.full_name: {key.references or "" for key in table.foreign_keys} & names
            for table in tables
        }
        known = in_order(needs, needs)
        more = {}
        for name, parents in needs.items():
            after = self._order.head.table(name)
            keys = after.foreign_keys if after else ()
            more[name] = parents | {key.references or "" for key in keys} & names
        groups = in_order(more, more)
        circles = {group for group in groups if len(group) > 1}
        return groups if circles <= set(known) else known

    def _takes_rows(self, table: Table) -> bool:
        if table.partition_of is not None:
            return False  # filled through its parent
        reason = ""
        if table.kind == "foreign table":
            reason = "it is a foreign table: its rows are on another server"
        elif table.partitioning is not None and not any(
            part.partition_of == table.full_name for part in self._order.base.tables
        ):
            reason = "it is partitioned and has no partition"
        if reason:
            self.unfilled.append(Unfilled(table.full_name, reason))
        return not reason

    def _group(self, tables: Sequence[Table]) -> None:
        from psycopg import Error

        names = [table.full_name for table in tables]
        try:
            if len(tables) == 1:
                found = {names[0]: self._alone(tables[0])}
            else:
                with self._target.connection.transaction():
                    found = self._together(tables)
        except (Refused, Error) as error:
            if self._target.is_lost():
                raise
            reason = error.reason if isinstance(error, Refused) else said(error)
            self.unfilled += [Unfilled(name, reason) for name in names]
            return
        for name, inserted in found.items():
            count = inserted.count + self._before[name]
            self.filled.append(Filled(name, count, note=inserted.note))

    def _alone(self, table: Table) -> Inserted:
        wanted, known = self._prepared(table, [table])
        return insert(self._target, self._values, lambda: self._planned(table), wanted, known)

    def _together(self, tables: Sequence[Table]) -> dict[str, Inserted]:
        entries = [(self._planned(table), *self._prepared(table, tables)) for table in tables]
        return insert_circle(self._target, self._values, entries)

    def _prepared(self, table: Table, group: Sequence[Table]) -> tuple[Wanted, Known]:
        """What is wanted and known, with sequence values for what the group's tables refer to."""
        sequenced = [column.name for column in table.columns if counted(column)]
        explicit = {
            name
            for member in group
            for key in member.foreign_keys
            if key.references == table.full_name
            for name in key.referenced
        }
        explicit &= set(sequenced)
        before = self._before[table.full_name]
        if before:
            self._target.advance(table, sequenced)
        order = self._order
        first = order.first + (_BEYOND if before else 0)
        spared = {item[1:] for item in order.spared if item[0] == table.full_name}
        wanted = Wanted(order.count(table), order.traits, first, frozenset(spared))
        reserved = {
            name: self._target.reserve(table, name, wanted.count) for name in sorted(explicit)
        }
        others = {member.full_name for member in group} - {table.full_name}
        return wanted, Known(lambda item: self._parents(item, others), reserved)

    def _planned(self, table: Table) -> TablePlan:
        order = self._order
        while True:
            plan = plan_table(table, order.base, order.head, self._values)
            if plan.unknown is None:
                return plan
            kind = plan.unknown.type
            found = guessed(self._target, kind)
            if not found:
                raise Refused(
                    f"its column {plan.unknown.name} has the type {kind.name}, of which no value"
                    " is known"
                )
            self._values.learn(kind.base, found)

    def _parents(self, reference: Reference, pending: set[str]) -> Keys | None:
        if reference.table in pending:
            return None
        place = (reference.table, reference.referenced)
        if place not in self._pools:
            table = self._order.base.table(reference.table)
            keys = self._target.keys(table, reference.referenced, _MOST_KEYS) if table else []
            self._pools[place] = keys
        return self._pools[place]
