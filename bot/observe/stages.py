"""The databases of one project and what runs on them: base's, however it is had, and new ones."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import cached_property

from bot.clock import Clock
from bot.facts import BaseBuilt, BaseState, Chain, Failure, Project
from bot.observe import unseen as words
from bot.observe.base_cache import BaseCache, Remembered
from bot.observe.base_state import build, from_models
from bot.observe.catalogue import Ignore, Snapshot, snapshot
from bot.observe.child import Opened, Session
from bot.observe.fit import Side
from bot.observe.from_scratch import up_to_the_change
from bot.observe.interpreters import Interpreters
from bot.observe.protocol import VersionTable
from bot.observe.server import Server, ServerError
from bot.observe.stage import Stage
from bot.observe.unseen import Unseen

_BASE = "base"  # the label of base's database


class Stages:
    """Makes databases on one server and stages on them, for the project called ``name``.

    ``extensions`` and ``schemas`` are created in every new database; what base turns out to need is
    added.
    """

    def __init__(
        self,
        server: Server,
        interpreters: Interpreters,
        cache: BaseCache,
        remembered: Remembered | None,
        clock: Clock,
        name: str,
        extensions: Collection[str],
    ) -> None:
        self._server = server
        self._interpreters = interpreters
        self._cache = cache
        self._remembered = remembered
        self._clock = clock
        self._name = name
        self._roles = server.roles()
        self._built: tuple[BaseState, Stage] | None = None
        self.keeps = cache.keeps and remembered is None  # base's state, for later runs
        self.extensions = list(extensions)
        self.schemas: list[str] = []
        self._owners: tuple[str, ...] = ()  # roles that may own what lies in any schema

    def new(self, label: str) -> str:
        """An empty database with what the settings name or base needs."""
        database = self._server.create(label)
        for name in self.extensions:
            if not self._server.create_extension(database, name):
                raise ServerError(
                    f"the setting `extensions` names {name}, which PostgreSQL"
                    f" {self._server.version} here does not have"
                )
        if self._owners:
            self._server.open_schemas(database, self._owners)  # those that are made from now on
        for name in self.schemas:
            self._server.create_schema(database, name)
        return database

    def need(self, schemas: Collection[str]) -> None:
        """Schemas without which env.py runs nothing are in every further database."""
        self.schemas += [name for name in schemas if name not in self.schemas]

    def add(self, state: BaseState) -> None:
        """What base turned out to need is in every further database."""
        self.extensions += state.extensions
        self.need(state.schemas)
        self._roles |= frozenset(state.roles)
        self._owners = state.roles if state.roles_own else ()

    def like(self, other: str, label: str) -> str:
        """An empty database with the extensions that the other one has."""
        database = self.new(label)
        with self._server.connect(other) as connection:
            rows = connection.execute("SELECT extname::text FROM pg_catalog.pg_extension")
            names = {str(row[0]) for row in rows.fetchall()}
        for name in sorted(names - {"plpgsql", *self.extensions}):
            self._server.create_extension(database, name)
        return database

    def side(
        self,
        session: Session,
        versions: VersionTable,
        database: Callable[[], str],
        catalogue: Snapshot,
    ) -> Side:
        """That tree's models on the database that the function gives; its catalogue is known."""

        def made(create: Callable[[str], bool]) -> Snapshot | None:
            name = self.like(database(), "models")
            try:
                if not create(name):
                    return None
                self._server.disconnect(name)
                with self._server.connect(name) as connection:
                    table = (versions.schema, versions.table)
                    return snapshot(connection, Ignore(version_tables=(table,)))
            finally:
                self._server.drop(name)

        return Side(session, database, catalogue, made, self._clock.remaining)

    def head(
        self,
        database: str,
        table: VersionTable,
        stamped: tuple[str, ...] | None = None,
        existed: frozenset[int] = frozenset(),
        *,
        looks: bool = True,
    ) -> Stage:
        """A stage on which the merged tree's revisions run."""
        return Stage(
            self._server,
            self._interpreters.head,
            table,
            database,
            self._clock.remaining,
            stamped,
            existed,
            looks=looks,
        )

    def base(
        self,
        chain: Chain,
        based: Opened | None,
        table: VersionTable,
        progress: Callable[[str], None],
    ) -> tuple[BaseState, Stage]:
        """Base's state and a stage on it: restored from the cache, or by base's own chain.

        Done once: asked again, it is the same stage.
        """
        if self._built is None:
            self._built = self._build(chain, based, table, progress)
        return self._built

    def _build(
        self,
        chain: Chain,
        based: Opened | None,
        table: VersionTable,
        progress: Callable[[str], None],
    ) -> tuple[BaseState, Stage]:
        if self._remembered is not None and self._server.restored is not None:
            return replace(self._remembered.state, cached=True), self.restored
        if based is None:
            return BaseState(BaseBuilt.EMPTY), self.head(self.new(_BASE), table)
        progress(f"{self._name}: base, {len(chain.revisions)} revisions")
        session = self._interpreters.base
        versions = VersionTable(based.version_table, based.version_table_schema)
        state, stage = build(
            chain,
            lambda: Stage(
                self._server,
                session,
                versions,
                self.new(_BASE),
                self._clock.remaining,
            ).warm(),
            has_metadata=based.has_metadata,
        )
        if state.built is not BaseBuilt.FAILED:
            self._server.disconnect(stage.database)
            if self._server.save({_BASE: stage.database}):
                found = Remembered(chain, state, versions, based.environment, based.stand_ins)
                self._cache.write({self._name: found})
        return state, stage

    @cached_property
    def restored(self) -> Stage:
        """Base's database as the cache brought it."""
        if self._remembered is None or self._server.restored is None:
            raise LookupError("nothing was restored")
        return self.head(self._server.restored[_BASE], self._remembered.versions).warm()

    def instead(
        self,
        failure: Failure | None,
        project: Project,
        new: Collection[str],
        based: Opened | None,
        table: VersionTable,
        unseen: Unseen,
    ) -> tuple[BaseBuilt, Stage] | None:
        """Base's chain fails by itself: the merged tree's up to the new ones, else base's models.

        The second is what a project makes do with whose oldest revisions no longer run.
        """
        self._server.drop_roles(self._server.roles() - self._roles)
        stage = self.head(self.new("merged"), table)
        if up_to_the_change(stage, project.head, new):
            built, ran = BaseBuilt.FAILED, "the merged chain was run from scratch instead"
        else:
            built, ran = BaseBuilt.MODELS, "its revisions ran on what base's models describe"
            made = self._from_models(based)
            if not isinstance(made, Stage):
                silent = based.environment_note if based and not based.has_metadata else None
                unseen.fatal(
                    f"every changed revision of {self._name}",
                    "base's own chain does not go up on an empty database:"
                    f" {words.reason(failure)}{words.without_models(made or silent)}",
                    words.mend_base(failure) + (f" {words.MEND_ENVIRONMENT}" if silent else ""),
                )
                return None
            stage = made
        unseen.minor(
            f"the upgrade of {self._name} from base's own files",
            f"base's chain fails by itself: {words.reason(failure)}",
            f"Nothing for this change: {ran}.",
        )
        return built, stage

    def _from_models(self, based: Opened | None) -> Stage | str | None:
        """A stage on what base's models describe, or why there is none."""
        if based is None or not based.has_metadata or not self._interpreters.base.alive:
            return None
        stage = Stage(
            self._server,
            self._interpreters.base,
            VersionTable(based.version_table, based.version_table_schema),
            self.new("models"),
            self._clock.remaining,
        ).warm()
        refused = from_models(stage)
        return stage if refused is None else words.reason(refused)
