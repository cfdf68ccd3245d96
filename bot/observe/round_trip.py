"""Upgrade, downgrade, upgrade again: each changed revision alone, then all of them together.

Each revision runs in a migration context of its own, because that is how it will be deployed when
it is the only new one; a change of several is also run down and up in one go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.facts import (
    SKIPPED,
    Chain,
    Difference,
    Direction,
    DowngradeShape,
    FailureKind,
    Revision,
    RoundTrip,
    State,
    Step,
)
from bot.observe.catalogue import Snapshot, differences
from bot.observe.order import descendants
from bot.observe.stage import Stage

Progress = Callable[[str], None]


@dataclass
class Travelled:
    """What a series of round trips found; ``unseen`` maps a revision to why it was not run.

    ``end`` is the catalogue after the last upgrade and ``database`` the one that is in that state,
    None where none was left in it.
    """

    trips: dict[str, RoundTrip] = field(default_factory=dict)
    unseen: dict[str, str] = field(default_factory=dict)
    whole: RoundTrip | None = None
    end: Snapshot | None = None
    database: str | None = None


class Journey:
    """The changed revisions of one project, run in order on clones of one base database.

    ``start`` is that database's catalogue, ``stage_on`` makes a new clone of it.
    """

    def __init__(
        self,
        start: Snapshot,
        stage_on: Callable[[], Stage],
        chain: Chain,
        shapes: Mapping[str, DowngradeShape],
        progress: Progress,
    ) -> None:
        self._start = start
        self._stage_on = stage_on
        self._chain = chain
        self._shapes = shapes
        self._progress = progress
        self._stage: Stage | None = None
        self._done: list[Revision] = []
        self._came_back = True

    def travel(self, revisions: Sequence[Revision]) -> Travelled:
        """Every revision up, down and up, then all of them down and up together."""
        found = Travelled()
        stage = self._stage_on()
        here = start = self._start
        for revision in revisions:
            if revision.revision in found.unseen:
                continue
            self._progress(f"{revision.revision}: upgrade, downgrade, upgrade")
            last = revision is revisions[-1]
            trip, here, clean = self._trip(stage, revision, here, last=last)
            found.trips[revision.revision] = trip
            if trip.upgrade.state is not State.OK:
                for name in descendants(self._chain, revision.revision) - {revision.revision}:
                    found.unseen[name] = f"it comes after {revision.revision}, whose upgrade failed"
            else:
                self._done.append(revision)
            if not stage.session.alive:
                self._stopped(found, revisions, revision.revision)
                break
            if trip.downgrade.state is not State.OK:
                self._came_back = False
            if not clean:
                self._came_back = False
                stage = self._again(stage)
                here = stage.look()
        found.end = here if here.structure else stage.look(structure=True)
        if len(revisions) > 1 and stage.session.alive:
            if len(self._done) < len(revisions):
                found.whole = self._one_go(revisions)
            elif self._came_back:  # what does not come back alone does not come back together
                found.whole = self._whole(stage, revisions, start, here)
        stage.leave()
        if stage.session.alive and (found.whole is None or _ended_up(found.whole)):
            found.database = stage.database
        return found

    @staticmethod
    def _stopped(found: Travelled, revisions: Sequence[Revision], last: str) -> None:
        """The interpreter is gone with one revision: the rest was not run, and says so."""
        for revision in revisions:
            if revision.revision not in found.trips:
                found.unseen.setdefault(
                    revision.revision, f"the run of {last} before it had to be stopped"
                )

    def _again(self, stage: Stage) -> Stage:
        """A new clone with every revision that goes up, after one that did not come back whole."""
        stage.leave()
        stage.server.drop(stage.database)
        fresh = self._stage_on()
        for revision in self._done:
            fresh.run(Direction.UPGRADE, (revision.revision,))
        return fresh

    def _trip(
        self, stage: Stage, revision: Revision, before: Snapshot, *, last: bool
    ) -> tuple[RoundTrip, Snapshot, bool]:
        """One revision's round trip, the catalogue at its end, and whether the stage is sound."""
        up, top = stage.step(Direction.UPGRADE, revision, before)
        if up.state is not State.OK or revision.revision not in up.stamped:
            return RoundTrip(upgrade=up), top, False
        shape = self._shapes.get(revision.revision, DowngradeShape.BODY)
        if shape is DowngradeShape.MISSING:
            return RoundTrip(up, Step(State.MISSING)), top, True
        down, bottom = stage.step(Direction.DOWNGRADE, revision, top)
        if down.failure is not None and down.state is not State.OK:
            refused = down.failure.kind is FailureKind.REFUSED
            down = replace(down, state=State.MISSING if refused else State.FAILED)
            sound = revision.revision in down.stamped and not differences(top, bottom)
            return RoundTrip(up, down), top, sound
        residue = differences(before, bottom)
        if shape is DowngradeShape.EMPTY and residue:
            return RoundTrip(up, replace(down, state=State.MISSING), residue=residue), top, False
        again, end = stage.step(Direction.UPGRADE, revision, bottom, structure=last)
        went = again.state is State.OK
        unequal: tuple[Difference, ...] = differences(top, end) if went else ()
        sound = went and not residue and not unequal
        return RoundTrip(up, down, again, residue, unequal), end, sound

    def _whole(
        self, stage: Stage, revisions: Sequence[Revision], start: Snapshot, top: Snapshot
    ) -> RoundTrip:
        """All of them in one migration context, where each alone went up and came back."""
        self._progress("the whole change: downgrade, upgrade")
        ids = [item.revision for item in revisions]
        down = stage.run(Direction.DOWNGRADE, ids[::-1])
        bottom = stage.look()
        step = Step(
            State.FAILED if down.failure else State.OK,
            down.failure,
            changed=differences(top, bottom),
            stamped=stage.stamped(),
            duration_ms=down.duration_ms,
        )
        went = Step(State.OK)
        if down.failure:
            return RoundTrip(went, step)
        up = stage.run(Direction.UPGRADE, ids)
        end = stage.look()
        again = Step(
            State.FAILED if up.failure else State.OK,
            up.failure,
            changed=differences(bottom, end),
            stamped=stage.stamped(),
            duration_ms=up.duration_ms,
        )
        unequal: tuple[Difference, ...] = () if up.failure else differences(top, end)
        return RoundTrip(went, step, again, differences(start, bottom), unequal)

    def _one_go(self, revisions: Sequence[Revision]) -> RoundTrip:
        """Some chains pass in one go and fail step by step: both are facts."""
        stage = self._stage_on()
        ran = stage.run(Direction.UPGRADE, [item.revision for item in revisions])
        stamped = stage.stamped()
        stage.leave()
        stage.server.drop(stage.database)
        state = State.FAILED if ran.failure else State.OK
        return RoundTrip(Step(state, ran.failure, stamped=stamped), SKIPPED, SKIPPED)


def _ended_up(whole: RoundTrip) -> bool:
    """Whether the database is where the upgrade left it (one go ran on another one)."""
    return whole.downgrade.state is State.SKIPPED or whole.reupgrade.state is State.OK
