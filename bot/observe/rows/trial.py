"""One clone of base's database with rows in it, on which revisions run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING

from bot.facts import ChangedRevision, Direction, Failure, Revision, State, Step
from bot.facts.schema import Table
from bot.observe.child import Ran
from bot.observe.rows.contents import Contents, contents
from bot.observe.rows.fill import Held, Order, fill
from bot.observe.rows.options import RowsOptions
from bot.observe.rows.target import Target
from bot.observe.server import Server, ServerError
from bot.observe.stage import Stage

if TYPE_CHECKING:
    from psycopg import Connection

_CLONES = 2  # for ordinary rows and for odd ones
_PATIENCE = 10.0  # seconds for one statement that fills a table
_LONGEST = 10.0  # seconds of one step on made-up rows: they are few, and a loop may never end
_SLOWER = 20  # times as long as on empty tables it may take, where that is more


@dataclass
class Ground:
    """What trials stand on: base's database ``template``, and how to make a stage on a clone."""

    server: Server
    template: str
    stage_on: Callable[[str], Stage]
    remaining: Callable[[], float]
    _ready: list[Future[str]] = field(default_factory=list)

    def prepare(self, options: RowsOptions) -> None:
        """Make the clones that will be needed while others work."""
        count = _CLONES if options.rows else int(options.wanted)
        futures: list[Future[str]] = [Future() for _ in range(count)]

        def work() -> None:
            for future in futures:
                try:
                    future.set_result(self._clone())
                except Exception as error:  # noqa: BLE001 - told where the clone is asked for
                    future.set_exception(error)

        Thread(target=work, name="rows", daemon=True).start()
        self._ready += futures

    def clone(self) -> str:
        """A clone of base's database, one of the prepared ones if there is any left."""
        return self._ready.pop(0).result() if self._ready else self._clone()

    def tidy(self) -> None:
        """Drop the prepared clones that nobody took."""
        from psycopg import Error

        while self._ready:
            with suppress(Error, ServerError):  # what was not made need not be dropped
                self.server.drop(self._ready.pop().result())

    def _clone(self) -> str:
        return self.server.clone(self.template, "rows")


class Trial:
    """A filled clone and the stage on it. Ends with ``end``."""

    def __init__(self, ground: Ground, database: str) -> None:
        self._ground = ground
        self.database = database
        self._stage: Stage | None = None

    @property
    def stage(self) -> Stage:
        """The stage, made when first needed."""
        if self._stage is None:
            self._stage = self._ground.stage_on(self.database)
        return self._stage

    def fill(self, order: Order) -> Held:
        """Fill the clone's tables as the scratch role.

        Raises:
            psycopg.Error: the server did not let that happen.
        """
        with self.as_owner() as connection:
            return fill(connection, order)

    def as_owner(self) -> Connection[tuple[object, ...]]:
        """A connection with the rights of the target's code, on which no statement lasts long."""
        connection = self._ground.server.connect_as_owner(self.database)
        limit = int(1000 * max(0.1, min(_PATIENCE, self._ground.remaining())))
        connection.execute(f"SET statement_timeout = {limit}".encode())
        return connection

    def counts(self, tables: Iterable[Table]) -> dict[str, int]:
        """How many rows each table holds; partitions and foreign tables are left out."""
        chosen = [
            table
            for table in tables
            if table.partition_of is None and table.kind != "foreign table"
        ]
        return Target(self.stage.connection).counts(chosen)

    def contents(self, tables: Iterable[Table]) -> Contents:
        """What the tables hold now, without anything the target may still hold open."""
        self._ground.server.disconnect(self.database)
        return contents(self.stage.connection, tables)

    def run(
        self,
        direction: Direction,
        revision: Revision,
        *,
        trace: bool = False,
        within: float = math.inf,
    ) -> Step:
        """One direction of one revision, stopped after ``within`` seconds."""
        return step_of(self.stage.run(direction, (revision.revision,), trace=trace, within=within))

    def end(self) -> None:
        """Give the clone up."""
        if self._stage is not None:
            self._stage.leave()
        self._ground.server.drop(self.database)


def patience(revisions: Iterable[ChangedRevision]) -> dict[str, float]:
    """Seconds that a step of each revision may take on made-up rows; on empty tables it ended."""
    trips = {item.revision: item.round_trip for item in revisions}
    empty = {
        name: max(trip.upgrade.duration_ms, trip.downgrade.duration_ms) / 1000
        for name, trip in trips.items()
    }
    return {name: max(_LONGEST, _SLOWER * seconds) for name, seconds in empty.items()}


def step_of(ran: Ran) -> Step:
    """What was tried and what came of it; the catalogue was not looked at."""
    failure: Failure | None = ran.failure
    return Step(
        State.FAILED if failure else State.OK,
        failure,
        ran.statements,
        rows_touched=sum(
            effect.inserted + effect.updated + effect.deleted
            for statement in ran.statements
            for effect in statement.effects
        ),
        duration_ms=ran.duration_ms,
    )
