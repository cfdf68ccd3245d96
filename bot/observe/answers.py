"""What a session learnt from its probe, as facts. Pure: frames in, facts out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from bot.facts import (
    Chain,
    Direction,
    Failure,
    FailureKind,
    Notice,
    Revision,
    Statement,
    Unloadable,
)
from bot.observe import protocol
from bot.observe.locks import Sight
from bot.observe.protocol import (
    DOC,
    LISTED,
    MESSAGE,
    NAME,
    SQL,
    BadFrame,
    DoneEvent,
    GraphError,
    OpenAnswer,
    RunAnswer,
    StatementEvent,
    Versions,
    VersionTable,
    WireChain,
    confined,
    cut,
    names,
    optional,
)

REVISIONS = 20_000
STATEMENTS = 5_000
_NOTICES = 100


@dataclass(frozen=True)
class Opened:
    """A project that is ready to run.

    ``environment`` is ``project`` or ``builtin``; for the latter ``environment_note`` and
    ``environment_failure`` say why the project's own env.py could not serve; ``own_fault`` is true
    when env.py itself raised, and not what it imports (settings, say). ``real_heads`` are
    the rows the version table will hold at the end (heads that others depend on are not among
    them). ``graph_error`` is set when Alembic cannot order the chain. ``assumed`` names what was
    supplied so that env.py ran. ``version_tables`` are all that env.py configured. ``schemas`` have
    to be there before env.py runs any revision. ``stand_ins`` are modules that are not installed
    and that something empty stood in for.
    """

    chain: Chain
    real_heads: tuple[str, ...] = ()
    graph_error: GraphError | None = None
    environment: Literal["project", "builtin"] = "project"
    environment_note: str | None = None
    environment_failure: Failure | None = None
    own_fault: bool = True
    assumed: tuple[str, ...] = ()
    version_table: str = "alembic_version"
    version_table_schema: str | None = None
    version_tables: tuple[VersionTable, ...] = ()
    transaction_per_migration: bool = False
    schemas: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()
    has_metadata: bool = False
    versions: Versions = Versions()


@dataclass(frozen=True)
class Ran:
    """One op that ran revisions, or tried to.

    ``failure`` is None when it ended well; ``revision`` is the one that failed, None when it was
    none of them. ``swallowed`` is a failure that env.py caught and hid. ``statements`` are those of
    a traced run, at most 5,000 of ``executed``; ``owners`` names for each the revision that sent
    it, None for env.py. ``expected_heads`` is what Alembic's graph says the version table must
    hold, None when it cannot tell; ``stepped`` are the revisions whose version was written. Both
    are the probe's word: the database has the last one. ``duration_ms`` is by the probe's clock.
    """

    failure: Failure | None = None
    revision: str | None = None
    swallowed: Failure | None = None
    statements: tuple[Statement, ...] = ()
    owners: tuple[str | None, ...] = ()
    executed: int = 0
    expected_heads: tuple[str, ...] | None = None
    stepped: tuple[str, ...] = ()
    duration_ms: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return self.failure is None


def opened(answer: OpenAnswer) -> Opened:
    """The answer to ``open``, checked.

    Raises:
        BadFrame: more revisions than any repository has.
    """
    failure = answer.environment_failure
    return Opened(
        chain=_chain(answer.chain),
        real_heads=names(answer.chain.real_heads),
        graph_error=_graph_error(answer.chain.graph_error),
        environment=answer.environment,
        environment_note=optional(answer.environment_note, MESSAGE),
        environment_failure=None if failure is None else failure.checked(),
        own_fault=answer.own_fault,
        assumed=names(answer.assumed),
        version_table=cut(answer.version_table, NAME),
        version_table_schema=optional(answer.version_table_schema, NAME),
        version_tables=tuple(
            VersionTable(cut(item.table, NAME), optional(item.schema, NAME))
            for item in answer.version_tables[:LISTED]
        ),
        transaction_per_migration=answer.transaction_per_migration,
        schemas=names(answer.schemas[:LISTED]),
        stand_ins=names(answer.stand_ins[:LISTED]),
        has_metadata=answer.has_metadata,
        versions=versions(answer.versions),
    )


def versions(found: Versions) -> Versions:
    """The versions, cut."""
    return Versions(*(cut(value, NAME) for value in vars(found).values()))


def _graph_error(found: GraphError | None) -> GraphError | None:
    if found is None:
        return None
    return GraphError(found.kind, cut(found.message, MESSAGE), names(found.revisions))


def _chain(found: WireChain) -> Chain:
    if len(found.revisions) > REVISIONS:
        raise BadFrame(f"{len(found.revisions)} revisions, more than {REVISIONS}")
    return Chain(
        revisions=tuple(
            Revision(
                revision=cut(item.revision, NAME),
                path=confined(item.path),
                down_revision=names(item.down_revision),
                depends_on=names(item.depends_on),
                branch_labels=names(item.branch_labels),
                message=cut(item.message, NAME),
                doc=cut(item.doc, DOC),
                replaces=names(item.replaces),
            )
            for item in found.revisions
        ),
        heads=names(found.heads),
        unloadable=tuple(
            Unloadable(
                confined(item.path),
                max(1, protocol.line_number(item.line)),
                cut(item.error, MESSAGE),
            )
            for item in found.unloadable[:LISTED]
        ),
        unloaded=tuple(path for item in found.unloaded[:LISTED] if (path := confined(item))),
    )


class Trace:
    """The statements of one op, collected as their events come in."""

    def __init__(self) -> None:
        self._statements: dict[int, Statement] = {}
        self._owners: dict[int, str | None] = {}
        self._running: int | None = None

    def sent(self, event: StatementEvent) -> None:
        """A statement is about to run.

        Raises:
            BadFrame: a number that was there before.
        """
        if event.seq in self._statements:
            raise BadFrame(f"statement {event.seq} twice")
        self._running = event.seq
        if len(self._statements) >= STATEMENTS:
            return
        path = confined(event.path)
        self._statements[event.seq] = Statement(
            direction=Direction(event.direction),
            sql=cut(event.sql, SQL),
            path=path,
            line=protocol.line_number(event.line) if path else 0,
            duration_ms=0.0,
            transaction=None if event.transaction is None else protocol.count(event.transaction),
            parameters=names(event.parameters[:100]),
            cut=event.cut or len(event.sql) > SQL,
            many=max(1, protocol.count(event.many)),
        )
        self._owners[event.seq] = optional(event.revision, NAME)

    def done(self, event: DoneEvent) -> None:
        """A statement ended. One that was not announced is ignored."""
        if self._running == event.seq:
            self._running = None
        if (statement := self._statements.get(event.seq)) is None:
            return
        rows = event.rows
        self._statements[event.seq] = replace(
            statement,
            duration_ms=protocol.duration(event.duration_ms),
            rows=None if rows is None or rows < 0 else protocol.count(rows),
            notices=tuple(
                Notice(cut(item.sqlstate, NAME), cut(item.message, MESSAGE))
                for item in event.notices[:_NOTICES]
            ),
            sqlstate=optional(event.sqlstate, NAME),
        )

    def saw(self, number: int, sight: Sight) -> None:
        """What the watch saw of a statement. One that was not announced is ignored."""
        if (statement := self._statements.get(number)) is not None:
            self._statements[number] = replace(statement, **vars(sight))

    def ran(self, answer: RunAnswer) -> Ran:
        """The whole op, when its answer came."""
        failure, swallowed, heads = answer.failure, answer.swallowed, answer.expected_heads
        if not answer.ok and failure is None:
            raise BadFrame("an answer that is neither ok nor tells a failure")
        return replace(
            self._so_far(),
            failure=None if answer.ok or failure is None else failure.checked(),
            revision=optional(answer.revision, NAME),
            swallowed=None if swallowed is None else swallowed.checked(),
            executed=max(protocol.count(answer.statements), len(self._statements)),
            expected_heads=None if heads is None else names(heads),
            stepped=names(answer.stepped),
            duration_ms=protocol.duration(answer.duration_ms),
        )

    def stopped(self, kind: FailureKind, message: str, seconds: float) -> Ran:
        """The op, when its process was gone before the answer: at which statement, if at one."""
        at = None if self._running is None else self._statements.get(self._running)
        owner = None if self._running is None else self._owners.get(self._running)
        failure = Failure(kind, message)
        if at is not None:
            failure = replace(failure, statement=at.sql, path=at.path or None, line=at.line or None)
        return replace(self._so_far(), failure=failure, revision=owner, duration_ms=seconds * 1000)

    def _so_far(self) -> Ran:
        return Ran(
            statements=tuple(self._statements.values()),
            owners=tuple(self._owners.values()),
            executed=len(self._statements),
        )
