"""The way down on rows that only head's schema takes: which of them it does not bear."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from bot.facts import Direction, Revision
from bot.facts.rows import Loss, Refusal, RowsTrip, Trait
from bot.facts.schema import Schema
from bot.observe.rows.cause import odd_trait, same
from bot.observe.rows.fill import Order
from bot.observe.rows.loosened import Loosened, loosened, order_of, without
from bot.observe.rows.trial import Ground, Trial
from bot.observe.rows.trip import Course, Report, Trip

_ROUNDS = 4
_ENOUGH = 60.0  # seconds of the run that are left for others


class WayBack:
    """Trips up on empty tables and down on such rows, until one passes or nothing new is learnt.

    ``down`` are the revisions that come down, ``within`` the seconds that a step may take.
    ``stopped`` is set to why the search ended early, ``gone`` to the rows that a way down which
    bears them takes away, by the revision. What it makes of their values is not compared: the old
    schema has no room for some.
    """

    def __init__(
        self,
        ground: Ground,
        revisions: Sequence[Revision],
        down: Collection[str],
        within: Mapping[str, float],
    ) -> None:
        self._ground = ground
        self._revisions = revisions
        self._down = down
        self._within = within
        self.stopped: str | None = None
        self.gone: dict[str, tuple[Loss, ...]] = {}

    def search(self, base: Schema, head: Schema, touched: Sequence[str]) -> tuple[Refusal, ...]:
        """Every refusal; none, without a trip, where head takes nothing that base does not.

        ``touched`` are the tables that the change touched.
        """
        found: list[Refusal] = []
        wanted = loosened(base, head, touched) if self._down else {}
        for _ in range(_ROUNDS):
            if not wanted:
                break
            if self._ground.remaining() < _ENOUGH:
                self.stopped = "the time of the run is nearly over"
                break
            report = self._travel(order_of(wanted, base, head), base, head)
            if report.stopped:
                self.stopped = report.stopped[2]
            refusal = report.refusal
            if report.came_down:
                self.gone = {name: _gone(trip) for name, trip in report.trips.items()}
            if refusal is None or not _of_values(refusal):
                break
            refusal, places = _placed(refusal, wanted)
            left = without(wanted, places, refusal.trait)
            if not any(same(refusal.failure, known.failure) for known in found):
                found.append(refusal)
            if left == wanted:
                break
            wanted = left
        return tuple(found)

    def _travel(self, order: Order, base: Schema, head: Schema) -> Report:
        trial = Trial(self._ground, self._ground.clone())
        tables = tuple(name for name in order.tables if name not in order.far)
        course = Course(
            Order(base, head, tables, order.rows),
            self._revisions,
            self._down,
            tables,
            within=self._within,
            loosened=order,
        )
        report = Trip(trial, course).travel(write=True)
        trial.end()
        return report


def _of_values(refusal: Refusal) -> bool:
    """Whether it is what the rows hold that stopped the way down; the way up is told elsewhere."""
    return refusal.direction is Direction.DOWNGRADE and refusal.trait is Trait.INVENTED


def _gone(trip: RowsTrip) -> tuple[Loss, ...]:
    return tuple(
        replace(loss, rows=loss.gone, columns=(), before=None, after=None)
        for loss in trip.losses
        if loss.later and loss.gone
    )


def _placed(refusal: Refusal, wanted: Loosened) -> tuple[Refusal, frozenset[tuple[str, str]]]:
    """The refusal with what it is about the rows, and the columns that hold such values."""
    trait = odd_trait(refusal.failure)
    if trait is None or not any(trait in traits for traits in wanted.values()):
        trait = Trait.DROPPED
    of = {place for place, traits in wanted.items() if trait in traits}
    named = {(refusal.table or "", name) for name in refusal.columns} & of
    if not named and len(of) == 1:
        ((table, column),) = of
        return replace(refusal, trait=trait, table=table, columns=(column,)), frozenset(of)
    return replace(refusal, trait=trait), frozenset(named or of)
