"""The change run again on tables that hold rows: what failed, and what became of the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from bot.facts import Direction, Project, Revision, State
from bot.facts.models import Models
from bot.facts.rows import Filled, Origin, Refusal, RowsSeen, Trait, Unfilled
from bot.observe.rows.back import WayBack
from bot.observe.rows.fill import Held, Order
from bot.observe.rows.json_looks import looks_at_base, looks_at_head
from bot.observe.rows.oddities import Oddities
from bot.observe.rows.options import RowsOptions
from bot.observe.rows.reach import reached
from bot.observe.rows.seeding import Seeded, seeded
from bot.observe.rows.tamed import WIDE, told
from bot.observe.rows.trial import Ground, Trial, patience
from bot.observe.rows.trip import Course, Report, Trip
from bot.observe.unseen import MORE_TIME, Unseen

_ENDS = "See that it ends: the tables hold few rows. If it has to take that long, use `seed-sql`."
_EXISTS = "42710"  # duplicate_object, PostgreSQL docs Appendix A
_OURS = "Nothing: it concerns rows that db-recheck makes up. Give it rows with `seed-sql`."


def on_rows(
    ground: Ground,
    options: RowsOptions,
    project: Project,
    order: Sequence[Revision],
    unseen: Unseen,
    models: Callable[[], Models | None],
) -> RowsSeen | None:
    """The revisions of ``order`` that go up on empty tables, run on filled ones.

    ``models`` gives head's, and is asked where they tell what JSON looks like. None where nothing
    is asked for or none of them goes up. What fails of the bot's own work is told in ``unseen`` and
    never fails the check.
    """
    from psycopg import Error

    going = _going(project, order)
    if not options.wanted or not going or project.base_schema is None:
        return None
    try:
        return _Run(ground, options, project, going, unseen, models).run()
    except Error as error:
        unseen.minor(
            "the change on tables with rows",
            f"the server did not do what the bot asked of it: {str(error).strip()}",
            _OURS,
        )
        return None
    finally:
        ground.tidy()


def _going(project: Project, order: Sequence[Revision]) -> tuple[Revision, ...]:
    """The first of them that all go up, one after the other."""
    trips = {item.revision: item.round_trip for item in project.revisions}
    found: list[Revision] = []
    for revision in order:
        trip = trips.get(revision.revision)
        up = trip.upgrade if trip else None
        if up is None or up.state is not State.OK or revision.revision not in up.stamped:
            break
        found.append(revision)
    return tuple(found)


@dataclass(frozen=True)
class _Filling:
    """A filled clone and what it holds."""

    trial: Trial
    held: Held
    seeded: Seeded


class _Run:
    def __init__(
        self,
        ground: Ground,
        options: RowsOptions,
        project: Project,
        going: Sequence[Revision],
        unseen: Unseen,
        models: Callable[[], Models | None],
    ) -> None:
        assert project.base_schema is not None  # noqa: S101 - on_rows has seen to it
        self._ground = ground
        self._options = options
        self._unseen = unseen
        self._going = going
        self._trips = {item.revision: item.round_trip for item in project.revisions}
        self._within = patience(project.revisions)
        base = project.base_schema
        self._reach = reached(base, self._trips.values())
        tables = self._reach.tables
        if options.seeds and not tables:
            tables = tuple(table.full_name for table in base.tables)
        far = frozenset(self._reach.tables) - frozenset(self._reach.near)
        looks = looks_at_base(project, models) if options.rows else {}
        self._order = Order(
            base, project.schema or base, tables, options.rows, far=far, looks=looks
        )
        self._later = looks_at_head(project, looks)

    def run(self) -> RowsSeen:
        options = self._options
        if not self._order.tables:
            return RowsSeen(options.rows)
        near = replace(self._order, tables=self._reach.near)
        down = self._down()
        oddities = Oddities(self._ground, near, self._going, self._within)
        with ThreadPoolExecutor(1) as pool:
            first = pool.submit(oddities.first) if options.rows and near.tables else None
            filling = self._filled(told=True)
            report = self._trip(filling, down)
            refusals = [report.refusal] if report.refusal else []
            if first is not None:
                climb = first.result()
                if not report.refused_upgrade and filling.trial.stage.session.alive:
                    refusals += oddities.search(climb)
                    self._widened(report, oddities, down)
            if options.rows and report.came_down:
                refusals += self._back(report, down)
        refusals = [item for item in refusals if not self._of_the_server(item)]
        if oddities.stopped:
            self._unseen.minor(
                "the upgrade on odd values (NULLs, duplicates, …)", oddities.stopped, MORE_TIME
            )
        return RowsSeen(
            options.rows,
            filling.seeded.files,
            filling.held.filled,
            filling.held.unfilled,
            tuple(report.trips.values()),
            tuple(refusals),
            odd=oddities.tried,
        )

    def _of_the_server(self, refusal: Refusal) -> bool:
        """Whether a role was there already: it outlives the database that the change ran on."""
        there = refusal.failure.sqlstate == _EXISTS and refusal.failure.message.startswith("role ")
        if there:
            self._unseen.minor(
                "the change on tables with rows",
                "roles belong to the whole server, and the one that it creates was there from the"
                " run before",
                "Create roles outside of the chain, or in a revision of their own.",
            )
        return there

    def _filled(self, *, told: bool = False) -> _Filling:
        """A clone with the user's rows and, where those leave tables empty, made up ones."""
        trial = Trial(self._ground, self._ground.clone())
        rows = seeded(trial, self._options, self._order) if self._options.seeds else Seeded()
        held = Held()
        if self._options.rows:
            held = trial.fill(replace(self._order, keep=bool(rows.files)))
        filled = [
            replace(item, origin=Origin.SEED) if item.table in rows.tables else item
            for item in held.filled
        ]
        known = {item.table for item in filled}
        filled += [
            Filled(table, count, Origin.SEED)
            for table, count in rows.tables.items()
            if table not in known
        ]
        held = replace(held, filled=tuple(filled))
        if told:
            self._tell(held, rows)
        return _Filling(trial, held, rows)

    def _tell(self, held: Held, rows: Seeded) -> None:
        for name, why in rows.faults:
            self._unseen.minor(f"the rows of {name}", why, "Mend the file, or leave it out.")
        reasons: dict[str, list[Unfilled]] = {}
        for item in held.unfilled:
            reasons.setdefault(item.reason, []).append(item)
        for reason, items in reasons.items():
            names = ", ".join(item.table for item in items)
            self._unseen.minor(
                f"the change with rows in {names}", f"no row could be made up: {reason}",
                "Give rows for it with `seed-sql`.",
            )  # fmt: skip

    def _trip(self, filling: _Filling, down: frozenset[str]) -> Report:
        """Up and down; a downgrade that fails is tried without the rows written meanwhile."""
        seeded = tuple(filling.seeded.tables)
        within = {} if seeded else self._within
        course = Course(
            self._order,
            self._going,
            down,
            self._reach.touched,
            seeded,
            within,
            watched=self._options.downgrades,
            later=self._later,
        )
        report = Trip(filling.trial, course).travel(write=bool(self._options.rows and down))
        refusal = report.refusal
        alive = filling.trial.stage.session.alive
        filling.trial.end()
        if refusal and refusal.direction is Direction.DOWNGRADE and report.wrote and alive:
            again = self._filled()
            report = Trip(again.trial, course).travel(write=False)
            again.trial.end()
            if report.refusal is None:
                report.refusal = replace(refusal, trait=Trait.LATER)
        if report.stopped:
            direction, revision, why = report.stopped
            what = f"the {direction.value} of {revision} on tables with rows"
            self._unseen.minor(what, why, _ENDS if within else MORE_TIME)
        self._tell_untried(report, down)
        return report

    def _tell_untried(self, report: Report, down: frozenset[str]) -> None:
        """The revisions before the one that did not bear rows came down on none."""
        if report.stopped:
            end = report.stopped[1]
        elif report.refusal:
            end = report.refusal.revision
        else:
            return
        order = [item.revision for item in self._going]
        names = [
            name
            for name in order[: order.index(end)]
            if name in down and report.trips[name].downgrade.state is State.SKIPPED
        ]
        if names:
            self._unseen.minor(
                f"what the downgrade of {', '.join(names)} does to rows",
                f"{end}, which comes after it, does not bear them",
                "Mend that revision first; see the finding about it.",
            )

    def _widened(self, report: Report, oddities: Oddities, down: frozenset[str]) -> None:
        """Add to the report what columns lose whose ordinary values are tamer than base's may be.

        Of rows that the upgrade bears; why one fails on others is told already.
        """
        order = oddities.borne
        if order is None or not down or not oddities.tamed or not order.traits & WIDE:
            return
        trial = Trial(self._ground, self._ground.clone())
        trial.fill(replace(order, traits=order.traits & WIDE))
        course = Course(order, self._going, down, (), within=self._within)
        found = Trip(trial, course).travel(write=False)
        trial.end()
        known = [loss for trip in report.trips.values() for loss in trip.losses]
        for revision, trip in found.trips.items():
            more = tuple(told(trip.losses, known, oddities.tamed))
            if more:
                mine = report.trips[revision]
                report.trips[revision] = replace(mine, losses=(*mine.losses, *more))

    def _back(self, report: Report, down: frozenset[str]) -> tuple[Refusal, ...]:
        """What the way down does not bear of what only head's schema takes, or takes away."""
        way = WayBack(self._ground, self._going, down, self._within)
        found = way.search(self._order.base, self._order.head, self._reach.touched)
        if way.stopped:
            self._unseen.minor(
                "the downgrade on rows that only the new schema takes", way.stopped, MORE_TIME
            )
        known = {loss.table for trip in report.trips.values() for loss in trip.losses if loss.gone}
        for revision, losses in way.gone.items():
            mine = report.trips[revision]
            more = tuple(loss for loss in losses if loss.table not in known)
            report.trips[revision] = replace(mine, losses=(*mine.losses, *more))
        return found

    def _down(self) -> frozenset[str]:
        """Those that come down on empty tables, with all that come after them."""
        found = set()
        for revision in reversed(self._going):
            trip = self._trips[revision.revision]
            if trip.downgrade.state is not State.OK:
                break
            found.add(revision.revision)
        left = [item.revision for item in self._going if item.revision not in found]
        above = [name for name in left if self._trips[name].downgrade.state is State.OK]
        if above:
            self._unseen.minor(
                f"what the downgrade of {', '.join(above)} does to rows",
                "a revision that comes after it has no downgrade that works",
                "Mend that downgrade first.",
            )
        return frozenset(found)
