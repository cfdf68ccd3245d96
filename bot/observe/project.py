"""One Alembic environment, observed: base built, the change run on it, everything compared."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property

from bot.clock import Clock
from bot.facts import (
    BaseBuilt,
    BaseState,
    Chain,
    Change,
    Check,
    Failure,
    NotChecked,
    Project,
    Revision,
)
from bot.observe import unseen as words
from bot.observe.base_cache import BaseCache, Remembered
from bot.observe.base_state import build
from bot.observe.child import ChildGone, Opened, Session
from bot.observe.from_scratch import fresh_install, up_to_the_change
from bot.observe.interpreters import Interpreters, Tree, Wanted
from bot.observe.order import Unordered, in_order
from bot.observe.outcome import as_found, broken_environment, note, with_trip
from bot.observe.protocol import VersionTable
from bot.observe.round_trip import Journey, Travelled
from bot.observe.server import Server, ServerError
from bot.observe.stage import Stage
from bot.observe.unloadable import (
    INSTALL,
    Packages,
    described,
    why_not_in_order,
    without_modules,
)
from bot.observe.unseen import Unseen
from bot.projects import Environment
from bot.projects.changed import changed_revisions

_BASE = "base"  # the label of base's database


@dataclass(frozen=True)
class Case:
    """One project to observe, and which paths the change touches."""

    wanted: Wanted
    base: Tree
    head: Tree
    changed: frozenset[str]
    base_moved: frozenset[str]
    extensions: tuple[str, ...] = ()


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
        self._cache = cache
        self._remembered = remembered if server.restored is not None else None
        self._clock = clock
        self._roles = server.roles()
        self._name = case.wanted.head.name
        self._extensions = list(case.extensions)
        self._unseen = Unseen(case.wanted.head.config)
        self._progress: Callable[[str], None] = lambda _: None

    def observe(self, progress: Callable[[str], None]) -> tuple[Project, tuple[NotChecked, ...]]:
        """The project's facts and what could not be seen of it."""
        self._progress = progress
        project = as_found(self._case.wanted.head)
        based, headed = self._opened()
        if headed is None or (based is None and self._needs_base()):
            return project, self._unseen.entries()
        base_chain = self._remembered.chain if self._remembered else Chain()
        if based is not None:
            base_chain = based.chain
        packages = Packages(
            self._case.base.path, self._case.head.path, self._case.wanted.head.sys_path
        )
        lacking = packages.lacking(complete=self._interpreters.complete)
        base_chain = described(base_chain, self._case.base.read, lacking)
        head_chain = described(headed.chain, self._case.head.read, lacking, base_chain)
        notes = (*self._interpreters.notes, *self._server.notes)
        project = replace(
            project,
            environment=headed.environment,
            environment_note=note(headed.environment_note, *notes),
            environment_failure=self._broken(based, headed),
            assumed=headed.assumed,
            base=base_chain,
            head=head_chain,
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
            checks=(Check("model drift", "skipped", "not part of this version"),),
        )
        absent = without_modules(head_chain) or without_modules(base_chain)
        if absent:
            self._unseen.fatal(f"every changed revision of {self._name}", absent, INSTALL)
        else:
            project = self._run(project, based, headed)
        return project, self._unseen.entries()

    def _needs_base(self) -> bool:
        return self._case.wanted.base is not None and self._remembered is None

    def _opened(self) -> tuple[Opened | None, Opened | None]:
        """Both trees, side by side."""
        if self._remembered is not None:
            self._restored  # noqa: B018 - its connection is made ready meanwhile
        with ThreadPoolExecutor(1) as pool:
            base: Future[Opened | None] | None = None
            if self._needs_base() and self._case.wanted.base is not None:
                session = self._interpreters.base
                base = pool.submit(self._open, session, self._case.wanted.base, self._case.base)
            head = self._open(self._interpreters.head, self._case.wanted.head, self._case.head)
            return base.result() if base else None, head

    def _broken(self, based: Opened | None, headed: Opened) -> Failure | None:
        before = self._remembered.environment if self._remembered else None
        if based is not None:
            before = based.environment
        env_py = self._case.wanted.head.env_py
        return broken_environment(headed, before, env_py, self._unseen)

    def _open(self, session: Session, environment: Environment, tree: Tree) -> Opened | None:
        """Load one tree's chain and rehearse its env.py on a database of its own."""
        database = self._new("rehearsal")
        try:
            return session.open(
                tree.path,
                environment,
                self._server.address(database),
                changed=tuple(self._case.changed),
                deadline=self._clock.remaining(),
            )
        except ChildGone as gone:
            self._unseen.fatal(f"the project {self._name}", gone.message, words.MEND_ENVIRONMENT)
            return None
        finally:
            self._server.drop(database)

    def _run(self, project: Project, based: Opened | None, headed: Opened) -> Project:
        """Base on an empty database, then the changed revisions on clones of it."""
        table = VersionTable(headed.version_table, headed.version_table_schema)
        with self._clock.timing("base"):
            state, stage = self._base(project.base, based, table)
        self._extensions += state.extensions
        supplied = tuple(f"extension {name}" for name in state.extensions)
        project = replace(project, base_state=state, assumed=(*project.assumed, *supplied))
        new = []
        for item in project.revisions:
            if item.change is Change.ADDED and item.old_revision:
                why = f"it is base's {item.old_revision} under another id, which base already has"
                self._unseen.revision(item, why, words.KEEP_ID)
            elif item.change is Change.ADDED:
                new.append(item)
        try:
            order = in_order(project.head, [item.revision for item in new])
        except Unordered as problem:
            for item in new:
                why = why_not_in_order(project.head, str(problem))
                self._unseen.revision(item, why, words.MEND_GRAPH)
            return project
        if state.built is BaseBuilt.FAILED:
            merged = self._merged_instead(project, order, table)
            if merged is None:
                return project
            stage = merged
        start, stamped = stage.look(), stage.stamped()
        stage.leave()
        found = Travelled(end=start)
        if order:

            def clone() -> Stage:
                database = self._server.clone(stage.database, "work")
                return self._head_stage(database, table, stamped).warm()

            with self._clock.timing("round_trip"):
                shapes = {item.revision: item.downgrade_shape for item in project.revisions}
                journey = Journey(start, clone, project.head, shapes, self._progress)
                found = journey.travel(order)
        project = replace(
            project,
            revisions=tuple(
                with_trip(item, found, self._unseen, self._clock.seconds)
                for item in project.revisions
            ),
            whole=found.whole,
        )
        edited = any(
            item.change is not Change.ADDED and not item.same_code for item in project.revisions
        )
        if edited and found.end is not None and state.built in {BaseBuilt.CHAIN, BaseBuilt.STEPS}:
            self._progress(f"{self._name}: a fresh installation of the merged chain")
            stage = self._head_stage(self._new("fresh"), table)
            project = replace(project, fresh=fresh_install(stage, project.head, found.end))
        return project

    def _new(self, label: str) -> str:
        """An empty database with the extensions that the settings name or base needs."""
        database = self._server.create(label)
        for name in self._extensions:
            if not self._server.create_extension(database, name):
                raise ServerError(
                    f"the setting `extensions` names {name}, which PostgreSQL"
                    f" {self._server.version} here does not have"
                )
        return database

    def _head_stage(
        self, database: str, table: VersionTable, stamped: tuple[str, ...] | None = None
    ) -> Stage:
        session = self._interpreters.head
        return Stage(self._server, session, table, database, self._clock.remaining, stamped)

    def _base(
        self, chain: Chain, based: Opened | None, table: VersionTable
    ) -> tuple[BaseState, Stage]:
        if self._remembered is not None and self._server.restored is not None:
            return replace(self._remembered.state, cached=True), self._restored
        if based is None:
            return BaseState(BaseBuilt.EMPTY), self._head_stage(self._new(_BASE), table)
        self._progress(f"{self._name}: base, {len(chain.revisions)} revisions")
        session = self._interpreters.base
        versions = VersionTable(based.version_table, based.version_table_schema)
        state, stage = build(
            chain,
            lambda: Stage(
                self._server,
                session,
                versions,
                self._new(_BASE),
                self._clock.remaining,
            ).warm(),
            has_metadata=based.has_metadata,
        )
        if state.built is not BaseBuilt.FAILED:
            self._server.disconnect(stage.database)
            if self._server.save({_BASE: stage.database}):
                found = Remembered(chain, state, versions, based.environment)
                self._cache.write({self._name: found})
        return state, stage

    @cached_property
    def _restored(self) -> Stage:
        """Base's database as the cache brought it."""
        if self._remembered is None or self._server.restored is None:
            raise LookupError("nothing was restored")
        return self._head_stage(self._server.restored[_BASE], self._remembered.versions).warm()

    def _merged_instead(
        self, project: Project, order: tuple[Revision, ...], table: VersionTable
    ) -> Stage | None:
        """Base's chain fails by itself: try the merged tree's, up to where the new ones begin."""
        failure = project.base_state.failure
        reason = failure.message if failure else "it failed"
        self._server.drop_roles(self._server.roles() - self._roles)
        stage = self._head_stage(self._new("merged"), table)
        if not up_to_the_change(stage, project.head, {item.revision for item in order}):
            self._unseen.fatal(
                f"every changed revision of {self._name}",
                f"base's own chain does not go up on an empty database: {reason}",
                words.MEND_BASE,
            )
            return None
        self._unseen.minor(
            f"the upgrade of {self._name} from base's own files",
            f"base's chain fails by itself: {reason}",
            "Nothing for this change: the merged chain was run from scratch instead.",
        )
        return stage
