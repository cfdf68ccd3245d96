"""Up and down on a filled clone: what failed, and what of the rows did not come back."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.facts import Direction, FailureKind, Revision, Step
from bot.facts.rows import Loss, Refusal, RowsTrip, Trait
from bot.facts.schema import Table
from bot.observe.rows.cause import ordinary_trait, place_of
from bot.observe.rows.contents import Content, Contents
from bot.observe.rows.fill import Order
from bot.observe.rows.json_looks import Looks
from bot.observe.rows.losses import Comparison, losses
from bot.observe.rows.mask import masked, without_values
from bot.observe.rows.reach import grown
from bot.observe.rows.trial import Trial

STOPPED = frozenset({FailureKind.TIMEOUT, FailureKind.MEMORY, FailureKind.KILLED})
_LATER = 10  # rows a table that are written between upgrade and downgrade
_BEYOND = 2000  # what their numbers begin behind those of the first rows


@dataclass(frozen=True)
class Course:
    """What is run: ``revisions`` in order, of which ``down`` are those that come down again.

    ``touched`` are the tables that get rows after the upgrade, ``seeded`` those that hold the
    user's. ``within`` are the seconds that a step of a revision may take; without an entry all that
    are left. ``watched``: statements of downgrades are watched as those of upgrades are.
    ``loosened`` are the rows to write after the upgrade where they shall be of another kind than
    ordinary ones. ``later`` are the looks of JSON in rows that are written after the upgrade.
    """

    order: Order
    revisions: Sequence[Revision]
    down: Collection[str]
    touched: Sequence[str]
    seeded: Collection[str] = ()
    within: Mapping[str, float] = field(default_factory=dict)
    watched: bool = False
    loosened: Order | None = None
    later: Looks = field(default_factory=dict)


@dataclass
class Report:
    """What came of it; ``stopped`` is the failure that was no answer (out of time, killed)."""

    trips: dict[str, RowsTrip] = field(default_factory=dict)
    refusal: Refusal | None = None
    stopped: tuple[Direction, str, str] | None = None
    wrote: bool = False

    @property
    def came_down(self) -> bool:
        """Whether nothing stopped it, either way."""
        return self.refusal is None and self.stopped is None

    @property
    def refused_upgrade(self) -> bool:
        """Whether it did not even come up."""
        return self.refusal is not None and self.refusal.direction is Direction.UPGRADE


class Trip:
    """One trip of all revisions on one trial."""

    def __init__(self, trial: Trial, course: Course) -> None:
        self._trial = trial
        self._course = course
        self._since = datetime.now(UTC)
        order = course.order
        found = [order.base.table(name) for name in order.tables]
        self._tables: list[Table] = [
            item for item in found if item is not None and item.partition_of is None
        ]
        self._told: dict[tuple[str, bool], set[str]] = {}

    def travel(self, *, write: bool) -> Report:
        """All revisions up, with ``write`` new rows at the top, and down again."""
        report = Report()
        states = [self._trial.contents(self._tables)]
        for revision in self._course.revisions:
            within = self._within(revision)
            step = self._trial.run(Direction.UPGRADE, revision, trace=True, within=within)
            report.trips[revision.revision] = RowsTrip(revision.revision, step)
            if self._failed(report, Direction.UPGRADE, revision, step):
                return report
            if self._course.down and revision is not self._course.revisions[-1]:
                states.append(self._trial.contents(self._tables))
        if not self._course.down:
            return report
        later = self._write() if write else {}
        report.wrote = bool(later)
        steps = list(zip(self._course.revisions, states, strict=True))
        for revision, before in reversed(steps):
            if revision.revision not in self._course.down:
                break
            within = self._within(revision)
            trace = self._course.watched
            step = self._trial.run(Direction.DOWNGRADE, revision, trace=trace, within=within)
            trip = replace(report.trips[revision.revision], downgrade=step)
            report.trips[revision.revision] = trip
            if self._failed(report, Direction.DOWNGRADE, revision, step):
                return report
            after = self._trial.contents(self._tables)
            lost = [*self._lost(before, after), *self._lost(later, after, later=True)]
            report.trips[revision.revision] = replace(trip, losses=tuple(lost))
        return report

    def _within(self, revision: Revision) -> float:
        return self._course.within.get(revision.revision, math.inf)

    def _failed(self, report: Report, direction: Direction, revision: Revision, step: Step) -> bool:
        failure = step.failure
        if failure is None:
            return False
        if failure.kind in STOPPED:
            report.stopped = direction, revision.revision, failure.message
            return True
        order = self._course.order
        base, head = order.base, order.head
        if direction is Direction.DOWNGRADE:
            base, head = head, base
        place = place_of(failure, base, head)
        seeded = self._course.seeded
        if seeded and (place.table is None or place.table in seeded):
            trait, failure = Trait.SEEDED, masked(failure)
        else:
            trait = ordinary_trait(failure, place, step, base)
            failure = without_values(failure)
        trip = report.trips[revision.revision]
        told = replace(step, failure=failure)
        report.trips[revision.revision] = (
            replace(trip, upgrade=told)
            if direction is Direction.UPGRADE
            else replace(trip, downgrade=told)
        )
        report.refusal = Refusal(
            revision.revision,
            direction,
            failure,
            trait,
            place.table,
            place.columns,
            place.constraint,
        )
        return True

    def _lost(self, before: Contents, after: Contents, *, later: bool = False) -> list[Loss]:
        """What is gone, without what a later revision's downgrade had lost already."""
        how = Comparison(self._since, self._course.seeded, later=later)
        found = []
        for loss in losses(before, after, how):
            told = self._told.setdefault((loss.table, later), set())
            new = tuple(name for name in loss.columns if name not in told)
            if new == loss.columns and (new or "" not in told):
                found.append(loss)
            elif new:
                found.append(replace(loss, columns=new, gone=0, before=None))
            told |= {*loss.columns, *([""] if loss.gone else [])}
        return found

    def _write(self) -> Contents:
        """Rows as they come in while the new release runs: what base's columns hold of them.

        Tables with new partitions get none: base had no place for what goes there.
        """
        from psycopg import Error

        order = self._course.order
        parted = grown(order.base, order.head)
        tables = [table for table in self._tables if table.full_name in self._course.touched]
        tables = [table for table in tables if table.full_name not in parted]
        before = self._trial.contents(tables)
        rows = self._course.loosened or Order(
            base=order.head,
            head=order.base,
            tables=tuple(name for name in before if order.head.table(name)),
            rows=min(order.rows, _LATER),
            first=order.rows + _BEYOND,
            looks=self._course.later,
        )
        with suppress(Error):  # these rows are an extra
            self._trial.fill(rows)
        after = self._trial.contents(tables)
        return {
            name: new
            for name, content in after.items()
            if (new := _added(before[name], content, order.base.table(name))).rows
        }


def _added(before: Content, after: Content, table: Table | None) -> Content:
    """The rows with new keys, and of them the columns that base has."""
    kept = [name for name in after.columns if table is not None and table.column(name)]
    places = [after.columns.index(name) for name in kept]
    rows = {
        key: tuple(row[place] for place in places)
        for key, row in after.rows.items()
        if after.keyed and key not in before.rows
    }
    return Content(tuple(kept), rows, {}, keyed=True)
