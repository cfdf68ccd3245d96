"""Both trees of one project, opened: their chains loaded, their env.py rehearsed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from bot.clock import Clock
from bot.observe import unseen as words
from bot.observe.base_cache import Remembered
from bot.observe.case import Case
from bot.observe.child import ChildGone, Opened, Session
from bot.observe.interpreters import Interpreters, Tree
from bot.observe.protocol import VersionTable
from bot.observe.server import Server
from bot.observe.stages import Stages
from bot.observe.unseen import Unseen
from bot.projects import Environment


class Opening:
    """Opens base and head, each when it is needed. One use each."""

    def __init__(
        self,
        server: Server,
        case: Case,
        interpreters: Interpreters,
        stages: Stages,
        remembered: Remembered | None,
        clock: Clock,
        unseen: Unseen,
        progress: Callable[[str], None],
    ) -> None:
        self._server = server
        self._case = case
        self._interpreters = interpreters
        self._stages = stages
        self._remembered = remembered
        self._clock = clock
        self._unseen = unseen
        self._progress = progress
        self._versions: VersionTable | None = None  # of base's own env.py, once that was opened
        self._ahead: Future[Opened | None] | None = None  # base, opened before it is asked for
        self._stand_ins = set(remembered.stand_ins if remembered else ())

    @property
    def stand_ins(self) -> tuple[str, ...]:
        """The modules that are not installed here and that something stood in for, sorted."""
        return tuple(sorted(self._stand_ins))

    @property
    def needs_base(self) -> bool:
        """Whether nothing can be run before base's tree is open."""
        return self._case.wanted.base is not None and self._remembered is None

    def both(self, pool: ThreadPoolExecutor) -> tuple[Opened | None, Opened | None]:
        """Both trees, side by side; but what is kept of base is made before head's code runs.

        Base as the cache brought it needs no code of base's, but its models may be asked later.
        """
        if self._remembered is not None:
            self._stages.restored  # noqa: B018 - its connection is made ready meanwhile
        base: Future[Opened | None] | None = None
        if self._case.wanted.base is not None and (self.needs_base or self._case.code_changed):
            base = pool.submit(self._base, self._interpreters.base, self._case.wanted.base)
            if self._stages.keeps:
                base.result()
        head = self._head(() if self._interpreters.complete else None)
        if not self.needs_base:
            self._ahead = base
            return None, self._as_base(head)
        based = base.result() if base else None
        if based is not None:
            self._learn(based)
        return based, self._as_base(head)

    def base_environment(self) -> VersionTable | None:
        """Base's version table as its own env.py has it, which is opened if it was not yet."""
        if self._versions is None and self._case.wanted.base is not None:
            opened = (
                self._ahead.result()
                if self._ahead is not None
                else self._base(self._interpreters.base, self._case.wanted.base)
            )
            if opened is not None:
                self._learn(opened)
        return self._versions

    def _learn(self, based: Opened) -> None:
        if based.environment == "project":
            self._versions = VersionTable(based.version_table, based.version_table_schema)

    def _head(self, may_stand_in: Sequence[str] | None) -> Opened | None:
        session, environment = self._interpreters.head, self._case.wanted.head
        return self._open(session, environment, self._case.head, may_stand_in)

    def _as_base(self, headed: Opened | None) -> Opened | None:
        """Head, opened again where it misses modules that base misses as well."""
        if headed is None or headed.stand_ins or not self.stand_ins:
            return headed
        if headed.environment == "project" and not headed.chain.unloadable:
            return headed
        return self._head(self.stand_ins)

    def _base(self, session: Session, environment: Environment) -> Opened | None:
        opened = self._open(session, environment, self._case.base, None)
        if opened is not None and self._interpreters.hand_over_base(opened.environment_failure):
            opened = self._open(session, environment, self._case.base, None)
        if opened is not None and self._stages.keeps:
            self._stages.base(opened.chain, opened, VersionTable(), self._progress)
        return opened

    def _open(
        self,
        session: Session,
        environment: Environment,
        tree: Tree,
        may_stand_in: Sequence[str] | None,
    ) -> Opened | None:
        """Load one tree's chain and rehearse its env.py on a database of its own.

        ``may_stand_in`` is as for ``Session.open``.
        """
        database = self._stages.new("rehearsal")
        try:
            opened = session.open(
                tree.path,
                environment,
                self._server.address(database),
                changed=tuple(self._case.changed),
                deadline=self._clock.remaining(),
                may_stand_in=may_stand_in,
            )
        except ChildGone as gone:
            self._unseen.fatal(
                f"the project {self._case.wanted.head.name}", gone.message, words.MEND_ENVIRONMENT
            )
            return None
        finally:
            self._server.drop(database)
        self._stages.need(opened.schemas)
        self._stand_ins |= set(opened.stand_ins)
        return opened
