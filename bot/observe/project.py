"""One Alembic environment, observed: base built, the change run on it, everything compared."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from bot.clock import Clock
from bot.facts import (
    BaseBuilt,
    Chain,
    Change,
    Failure,
    NotChecked,
    Project,
    Revision,
)
from bot.observe import unseen as words
from bot.observe.absent import RIGHTS
from bot.observe.afterwards import Afterwards, Met
from bot.observe.base_cache import BaseCache, Remembered
from bot.observe.case import Case
from bot.observe.catalogue import schemas
from bot.observe.check_trials import try_checks
from bot.observe.child import Opened
from bot.observe.codes import AtBase
from bot.observe.consulted import consulted
from bot.observe.interpreters import Interpreters
from bot.observe.opening import Opening
from bot.observe.order import Unordered, in_order
from bot.observe.outcome import as_found, broken_environment, note, with_trip
from bot.observe.protocol import VersionTable
from bot.observe.round_trip import Journey, Travelled
from bot.observe.rows import Ground
from bot.observe.server import Server
from bot.observe.stage import Stage
from bot.observe.stages import Stages
from bot.observe.stood_in import StoodIn, without_gaps
from bot.observe.unloadable import (
    INSTALL,
    Packages,
    described,
    why_not_in_order,
    without_modules,
)
from bot.observe.unseen import Unseen
from bot.projects.changed import changed_revisions


class Observer:
    """Observes one project on one server. One use each."""

    def __init__(
        self,
        server: Server,
        case: Case,
        interpreters: Interpreters,
        cache: BaseCache,
        remembered: Remembered | None,
        clock: Clock,
    ) -> None:
        self._server = server
        self._case = case
        self._interpreters = interpreters
        self._remembered = remembered if server.restored is not None else None
        self._clock = clock
        self._name = case.wanted.head.name
        self._stages = Stages(
            server,
            interpreters,
            cache,
            self._remembered,
            clock,
            self._name,
            case.extensions,
        )
        self._unseen = Unseen(case.wanted.head.config)
        self._progress: Callable[[str], None] = lambda _: None
        self._opening = Opening(
            server,
            case,
            interpreters,
            self._stages,
            self._remembered,
            clock,
            self._unseen,
            lambda text: self._progress(text),  # noqa: PLW0108 - it is set when observing begins
        )

    def observe(self, progress: Callable[[str], None]) -> tuple[Project, tuple[NotChecked, ...]]:
        """The project's facts and what could not be seen of it."""
        with ThreadPoolExecutor(1) as pool:
            return self._observed(progress, pool)

    def _observed(
        self, progress: Callable[[str], None], pool: ThreadPoolExecutor
    ) -> tuple[Project, tuple[NotChecked, ...]]:
        self._progress = progress
        project = as_found(self._case.wanted.head)
        based, headed = self._opening.both(pool)
        if headed is None or (based is None and self._opening.needs_base):
            return project, self._unseen.entries()
        base_chain = self._remembered.chain if self._remembered else Chain()
        if based is not None:
            base_chain = based.chain
        packages = Packages(
            self._case.base.path, self._case.head.path, self._case.wanted.head.sys_path
        )
        lacking = packages.lacking(complete=self._interpreters.complete)
        lost = self._opening.stand_ins
        base_chain = described(base_chain, self._case.base.read, lacking, stand_ins=lost)
        head_chain = described(
            headed.chain, self._case.head.read, lacking, base_chain, stand_ins=lost
        )
        notes = (*self._interpreters.notes, *self._server.notes)
        project = replace(
            project,
            environment=headed.environment,
            environment_note=note(headed.environment_note, *notes),
            environment_failure=self._broken(based, headed),
            assumed=headed.assumed,
            transaction_per_migration=headed.transaction_per_migration,
            base=base_chain,
            head=head_chain,
            application=packages.application(),
            base_added=tuple(
                item.path for item in base_chain.revisions if item.path in self._case.base_moved
            ),
            revisions=changed_revisions(
                base_chain,
                head_chain,
                self._case.changed,
                self._case.base.read,
                self._case.head.read,
            ),
        )
        if self._case.consultation is not None and not self._case.consultation.schema:
            return project, self._unseen.entries()
        absent = without_modules(head_chain) or without_modules(base_chain)
        if absent:
            self._unseen.fatal(f"every changed revision of {self._name}", absent, INSTALL)
        else:
            project = self._run(project, based, headed)
        return project, self._unseen.entries()

    def _broken(self, based: Opened | None, headed: Opened) -> Failure | None:
        before = self._remembered.environment if self._remembered else None
        if based is not None:
            before = based.environment
        env_py = self._case.wanted.head.env_py
        return broken_environment(headed, before, env_py, self._unseen)

    def _run(self, project: Project, based: Opened | None, headed: Opened) -> Project:
        """Base on an empty database, then the changed revisions on clones of it."""
        asked = self._case.consultation
        table = VersionTable(headed.version_table, headed.version_table_schema)
        with self._clock.timing("base"):
            state, stage = self._stages.base(project.base, based, table, self._progress)
        self._stages.add(state)
        supplied = (
            *(f"extension {name}" for name in state.extensions),
            *(f"schema {name}" for name in state.schemas),
            *(f"role {name}" for name in state.roles),
            *(f"all rights {RIGHTS}" for _ in range(state.roles_own)),
        )
        project = replace(project, base_state=state, assumed=(*project.assumed, *supplied))
        order = self._order(project)
        if order is None:
            return project
        if state.built is BaseBuilt.FAILED:
            ids = {item.revision for item in order}
            made = self._stages.instead(state.failure, project, ids, based, table, self._unseen)
            if made is None:
                return project
            built, stage = made
            project = replace(project, base_state=replace(state, built=built))
        new_queries = self._case.stated.new_queries
        structure = bool(order or asked or new_queries)
        start, stamped = stage.look(structure=structure), stage.stamped()
        existed = stage.relations()
        stage.leave()

        def clone() -> Stage:
            database = self._server.clone(stage.database, "work")
            return self._stages.head(database, table, stamped, existed).warm()

        if asked is not None:
            return consulted(project, order, start, clone(), asked, self._unseen)
        found = Travelled(end=start)
        ground = Ground(
            self._server,
            stage.database,
            lambda name: self._stages.head(name, table, stamped, existed, looks=False),
            self._clock.remaining,
        )
        if order:
            ground.prepare(self._case.rows)
            with self._clock.timing("round_trip"):
                shapes = {item.revision: item.downgrade_shape for item in project.revisions}
                journey = Journey(start, clone, project.head, shapes, self._progress)
                found = journey.travel(order)
            stood_in = StoodIn(self._case.base.read, self._case.head.read, self._opening.stand_ins)
            without_gaps(project, found, stood_in, self._unseen)
            before, after = schemas(start, found.end or start)
            project = replace(project, base_schema=before, schema=after)
            if found.database is not None:
                trials = try_checks(self._server, found.database, before, after)
                project = replace(project, check_trials=trials)
        elif new_queries:
            before, after = schemas(start, start)
            project = replace(project, base_schema=before, schema=after)
        project = replace(
            project,
            revisions=tuple(
                with_trip(item, found, self._unseen, self._clock.seconds)
                for item in project.revisions
            ),
            whole=found.whole,
        )
        whole = replace(headed, stand_ins=self._opening.stand_ins)
        return Afterwards(
            self._server,
            self._case,
            self._stages,
            self._interpreters,
            self._clock,
            self._unseen,
            lambda text: self._progress(f"{self._name}: {text}"),
            self._opening.base_environment,
        ).look(project, Met(whole, found, ground, order, AtBase(stage.database, start), table))

    def _order(self, project: Project) -> tuple[Revision, ...] | None:
        """The revisions to run, in their order; None where the graph does not tell one."""
        new = []
        for item in project.revisions:
            if item.change is Change.ADDED and item.old_revision:
                why = f"it is base's {item.old_revision} under another id, which base already has"
                self._unseen.revision(item, why, words.KEEP_ID)
            elif item.change is Change.ADDED:
                new.append(item)
        try:
            return in_order(project.head, [item.revision for item in new])
        except Unordered as problem:
            for item in new:
                why = why_not_in_order(project.head, str(problem))
                self._unseen.revision(item, why, words.MEND_GRAPH)
            return None
