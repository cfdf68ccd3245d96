"""The database as base's own files make it: the ground every scenario stands on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.facts import BaseBuilt, BaseState, Chain, Direction, Failure, FailureKind
from bot.observe.absent import Absent, absent
from bot.observe.order import Unordered, in_order
from bot.observe.stage import Stage

_SILENT = "Silent"  # stands where an exception's name would: none was raised
# undefined_table, invalid_schema_name, undefined_object, undefined_column: PostgreSQL docs, App. A
MISSING = frozenset({"42P01", "3F000", "42704", "42703"})
_MOST = 20  # things that are made for one chain, each after a run that stopped for want of it


def build(
    chain: Chain, stage_on: Callable[[], Stage], *, has_metadata: bool
) -> tuple[BaseState, Stage]:
    """Base's chain on an empty database: in one go, else one by one, else from the models.

    Real chains need each of these: some fail one by one and pass in one go, some the reverse, and
    some begin with ALTER TABLE because the first tables were made by ``metadata.create_all()``.
    What base needs and does not create (extensions, schemas, roles) is created first, and its state
    says so.
    """
    ways = _Ways(chain, stage_on)
    if not chain.revisions:
        return BaseState(BaseBuilt.EMPTY), stage_on()
    failure = ways.try_(lambda stage: _in_one_go(stage, chain))
    if failure is None:
        return ways.state(BaseBuilt.CHAIN), ways.stage
    if not ways.stage.session.alive:
        return ways.state(BaseBuilt.FAILED, failure), ways.stage
    if failure.exception != _SILENT and ways.try_(lambda stage: _one_by_one(stage, chain)) is None:
        return ways.state(BaseBuilt.STEPS, failure), ways.stage
    if has_metadata and failure.sqlstate in MISSING and ways.stage.session.alive:
        made = ways.try_(from_models)
        if made is None:
            return ways.state(BaseBuilt.MODELS, failure), ways.stage
        failure = replace(
            failure,
            message=f"{failure.message} (and its models could not be created either:"
            f" {made.message})",
        )
    return ways.state(BaseBuilt.FAILED, failure), ways.stage


class _Ways:
    """The ways to build base, each on a fresh database; ``stage`` is that of the last one."""

    def __init__(self, chain: Chain, stage_on: Callable[[], Stage]) -> None:
        self._chain = chain
        self._stage_on = stage_on
        self._stage: Stage | None = None
        self._made: list[Absent] = []

    @property
    def stage(self) -> Stage:
        """Where the last way ended."""
        if self._stage is None:
            self._stage = self._stage_on()
        return self._stage

    def state(self, built: BaseBuilt, failure: Failure | None = None) -> BaseState:
        """What came of it."""
        return BaseState(
            built,
            failure,
            extensions=self._names("extension"),
            schemas=self._names("schema"),
            roles=self._names("role"),
            roles_own=bool(self._names("rights")),
        )

    def _names(self, kind: str) -> tuple[str, ...]:
        return tuple(item.name for item in self._made if item.kind == kind)

    def try_(self, way: Callable[[Stage], Failure | None]) -> Failure | None:
        """Why that way does not lead to the end, None if it does."""
        while True:
            self._start_anew()
            failure = way(self.stage)
            wanted = absent(failure, roles=bool(self._names("role")))
            if wanted is None or wanted in self._made or not self.stage.session.alive:
                return failure
            if len(self._made) >= _MOST or not self._make(wanted):
                return failure
            self._made.append(wanted)

    def _start_anew(self) -> None:
        if self._stage is not None:
            _abandon(self._stage)
        self._stage = self._stage_on()
        for item in sorted(self._made, key=lambda item: item.kind != "rights"):  # of new schemas
            if item.kind != "role":  # those are the whole server's
                self._make(item)

    def _make(self, wanted: Absent) -> bool:
        server, database = self.stage.server, self.stage.database
        if wanted.kind == "extension":
            return server.create_extension(database, wanted.name, demanded=True)
        if wanted.kind == "schema":
            return server.create_schema(database, wanted.name)
        if wanted.kind == "role":
            return server.create_role(wanted.name)
        return server.open_schemas(database, self._names("role"))


def _abandon(stage: Stage) -> None:
    stage.leave()
    stage.server.drop(stage.database)


def _in_one_go(stage: Stage, chain: Chain) -> Failure | None:
    ran = stage.run(Direction.UPGRADE, None)
    return ran.failure or (None if _complete(stage, chain) else _silent(stage))


def _one_by_one(stage: Stage, chain: Chain) -> Failure | None:
    """The chain, each revision in a migration context of its own."""
    try:
        order = in_order(chain, [item.revision for item in chain.revisions])
    except Unordered as problem:
        return Failure(FailureKind.PYTHON, str(problem))
    for revision in order:
        failure = stage.run(Direction.UPGRADE, (revision.revision,)).failure
        if failure is not None:
            return failure
    return None if _complete(stage, chain) else _silent(stage)


def from_models(stage: Stage) -> Failure | None:
    """Make what the models describe; why that fails, None if it does not."""
    return stage.session.create_all(stage.database, deadline=stage.remaining()).failure


def _complete(stage: Stage, chain: Chain) -> bool:
    """Whether the version table names every head that no other revision depends on."""
    implied = {name for item in chain.revisions for name in item.depends_on}
    return {head for head in chain.heads if head not in implied} <= set(stage.stamped())


def _silent(stage: Stage) -> Failure:
    rows = ", ".join(stage.stamped()) or "nothing"
    return Failure(
        FailureKind.PYTHON,
        exception=_SILENT,
        message=f"the upgrade reported success, but the version table holds {rows}, not the heads",
    )
