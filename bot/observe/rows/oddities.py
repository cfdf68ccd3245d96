"""Odd rows: which of them the upgrade does not bear, found by leaving out what is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.facts import Direction, Failure, FailureKind, Revision
from bot.facts.rows import Refusal, Trait
from bot.observe.rows.cause import Place, odd_trait, place_of, same
from bot.observe.rows.fill import Order
from bot.observe.rows.mask import without_values
from bot.observe.rows.tamed import tamed
from bot.observe.rows.trial import Ground, Trial

SINGLE = frozenset(
    {
        Trait.EMPTY,
        Trait.LONG,
        Trait.EXTREMES,
        Trait.OLD_DATES,
        Trait.MIXED_CASE,
        Trait.UNICODE,
        Trait.DROPPED,
    }
)
ODD = SINGLE | {Trait.NULLS, Trait.DUPLICATES, Trait.ORPHANS}
ROWS = 40  # of a table: enough for every odd value beside ordinary ones
_ROUNDS = 8
_ENOUGH = 60.0  # seconds of the run that are left for others
_STOPPED = (FailureKind.TIMEOUT, FailureKind.MEMORY, FailureKind.KILLED)


class Oddities:
    """Upgrades on odd rows, until one passes or nothing new is learnt.

    ``within`` are the seconds that the step of a revision may take.
    ``stopped`` is set to why the search ended early, ``borne`` to the rows with which it went up.
    ``tamed`` are the columns of which ordinary rows do not hold all that base allows.
    """

    def __init__(
        self,
        ground: Ground,
        order: Order,
        revisions: Sequence[Revision],
        within: Mapping[str, float],
    ) -> None:
        self._ground = ground
        self.tamed = tamed(order)
        dropped = any(lists for each in self.tamed.values() for lists in each.values())
        traits = ODD if dropped else ODD - {Trait.DROPPED}
        self._order = replace(order, rows=min(order.rows, ROWS), traits=traits)
        self._revisions = revisions
        self._within = within
        self.stopped: str | None = None
        self.borne: Order | None = None
        self.tried = False

    def first(self) -> Callable[[], tuple[Revision, Failure] | None]:
        """Fill the first clone now; the upgrade on it runs when the result is called."""
        trial = self._filled(self._order)
        return lambda: self._climb(trial)

    def search(self, climb: Callable[[], tuple[Revision, Failure] | None]) -> tuple[Refusal, ...]:
        """Every refusal, the first one by that climb."""
        found: list[Refusal] = []
        order = self._order
        for _ in range(_ROUNDS):
            failed = climb()
            self.tried = True
            if failed is None:
                self.borne = order
            if failed is None or self._is_over(failed[1]):
                return tuple(found)
            revision, failure = failed
            place = place_of(failure, order.base, order.head)
            trait, failure = self._trait(order, failed)
            if trait is Trait.DROPPED and place.table is None:
                place = self._listed()
            refusal = Refusal(
                revision.revision,
                Direction.UPGRADE,
                without_values(failure),
                trait,
                place.table,
                place.columns,
                place.constraint,
            )
            again = any(same(refusal.failure, known.failure) for known in found)
            if not again:
                found.append(refusal)
            left = _left_out(order, place, trait, again=again)
            if left == order:
                return tuple(found)
            order = left

            def climb(order: Order = order) -> tuple[Revision, Failure] | None:
                return self._climb(self._filled(order))

        return tuple(found)

    def _listed(self) -> Place:
        """The one column that lost listed values, where there is but one."""
        found = [
            Place(table, (name,))
            for table, columns in self.tamed.items()
            for name, lists in columns.items()
            if lists
        ]
        return found[0] if len(found) == 1 else Place()

    def _filled(self, order: Order) -> Trial:
        trial = Trial(self._ground, self._ground.clone())
        trial.fill(order)
        return trial

    def _climb(self, trial: Trial) -> tuple[Revision, Failure] | None:
        """The revision that fails and why, None when all go up."""
        try:
            for revision in self._revisions:
                within = self._within[revision.revision]
                step = trial.run(Direction.UPGRADE, revision, within=within)
                if step.failure is not None:
                    return revision, step.failure
            return None
        finally:
            trial.end()

    def _is_over(self, failure: Failure) -> bool:
        if failure.kind in _STOPPED:
            self.stopped = failure.message
        elif self._ground.remaining() < _ENOUGH:
            self.stopped = "the time of the run is nearly over"
        return self.stopped is not None

    def _trait(self, order: Order, failed: tuple[Revision, Failure]) -> tuple[Trait, Failure]:
        """The trait that the failure comes from: known by its SQLSTATE, else each tried alone."""
        failure = failed[1]
        known = odd_trait(failure)
        if known in order.traits:
            return known, failure
        for trait in sorted(order.traits, key=lambda item: (item not in SINGLE, item.name)):
            alone = self._climb(self._filled(replace(order, traits=frozenset({trait}))))
            if alone is not None and same(alone[1], failure):
                return trait, alone[1]
        return Trait.INVENTED, failure


def _left_out(order: Order, place: Place, trait: Trait, *, again: bool) -> Order:
    """The order without what made the upgrade fail."""
    table = order.base.table(place.table or "")
    spared = {
        (table.full_name, name, trait)
        for name in place.columns
        if table is not None and table.column(name) is not None
    }
    if spared and not spared <= order.spared and not again:
        return replace(order, spared=order.spared | spared)
    left = order.traits - ({trait} | (SINGLE if again and trait in SINGLE else set()))
    return replace(order, traits=left)
