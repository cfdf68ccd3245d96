"""Stands beside a session: sees what each statement of a traced run does to the database."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.facts import Seen
from bot.observe.locks import inside, sight
from bot.observe.locks.alone import COUNTED_SINCE, Alone
from bot.observe.locks.hold import Hold
from bot.observe.locks.inside import Ask, Inside, Unreadable
from bot.observe.locks.relations import Ignored
from bot.observe.locks.sight import Sight
from bot.observe.locks.within import Within
from bot.observe.protocol import DoneEvent, StatementEvent

if TYPE_CHECKING:
    from psycopg import Connection

WATCHED = 1_000  # statements of one run: each costs one to two milliseconds
WATCHED_ALONE = 50  # of them outside a transaction: each costs some ten
_SHORTEST_MS = 250  # of a statement_timeout beside which it is safe to read
_LIMITS = "SET lock_timeout = 1000; SET statement_timeout = 10000"
# They take no locks on relations, and some may not come after any other statement.
_CONTROL = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
    r"(?:BEGIN|START\s+TRANSACTION|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE"
    r"|SET\s+(?:LOCAL\s+)?TRANSACTION)\b[^;]*;?\s*",
    re.IGNORECASE | re.DOTALL,
)


class Watch:
    """Watches the statements of one database's runs; used from the session's thread.

    ``connect`` gives the bot's own connection to that database and ``another`` opens a new one;
    ``existed`` are the oids of the relations that were there before the change. Whatever goes
    wrong with the reading is told in the statement's ``Sight``: it never fails the run.
    """

    def __init__(
        self,
        connect: Callable[[], Connection[tuple[object, ...]]],
        another: Callable[[], Connection[tuple[object, ...]]],
        existed: Collection[int],
        ignored: Ignored,
    ) -> None:
        self._open = connect
        self._limited: Connection[tuple[object, ...]] | None = None
        self._existed = set(existed)
        self._ignored = ignored
        self._hold = Hold(another)
        self.begin()

    def begin(self) -> None:
        """A new run: its connections are new ones."""
        self._within = Within(self._connect, self._existed, self._ignored)
        self._alone = Alone(self._connect, self._hold, self._existed, self._ignored)
        self._count = self._count_alone = 0
        self._statement: StatementEvent | None = None
        self._settings = Inside()
        self._problem: str | None = None

    @property
    def more(self) -> bool:
        """Whether further statements are to wait for the watch."""
        return self._count < WATCHED

    @property
    def pause(self) -> float | None:
        """Seconds after which to look again while a statement runs; None: not before its end."""
        return self._alone.pause

    @property
    def missed(self) -> Sight:
        """What is known of a statement that does not wait."""
        return Sight(unseen=sight.OTHERS if self.more else sight.TOO_MANY.format(limit=WATCHED))

    def before(self, event: StatementEvent, ask: Ask) -> None:
        """A statement is about to run, and waits for this to return."""
        self._count += 1
        self._statement, self._problem = event, None
        if event.backend is None:
            self._problem = sight.NO_BACKEND
        elif not _CONTROL.fullmatch(event.sql):
            self._try(lambda: self._before(event, event.backend or 0, ask))

    def look(self) -> None:
        """Look at the statement that runs."""
        statement = self._statement
        if statement is not None and statement.backend is not None:
            backend = statement.backend
            self._try(lambda: self._alone.look(backend))
        if self._problem is not None:
            self._alone.stop()

    def after(self, event: DoneEvent, ask: Ask) -> Sight:
        """The statement ended, and its connection waits for this to return."""
        statement, self._statement = self._statement, None
        self._alone.stop()
        if statement is None or statement.seq != event.seq:
            return Sight(unseen=sight.OTHERS)
        backend = statement.backend or 0
        found = Sight(Seen.TRANSACTION)
        if _CONTROL.fullmatch(statement.sql):
            self._within.forget(backend)
        elif self._problem is None:
            found = self._try(lambda: self._after(statement, event, backend, ask)) or found
        if self._problem is not None:
            found = Sight(unseen=self._problem)
        return replace(
            found,
            lock_timeout_ms=self._settings.lock_timeout_ms,
            statement_timeout_ms=self._settings.statement_timeout_ms,
        )

    def end(self) -> None:
        """The run is over, whatever became of it: let go of everything."""
        from psycopg import Error

        self._alone.stop()
        connection, self._limited = self._limited, None
        if connection is not None:
            with contextlib.suppress(Error):
                connection.execute("SET lock_timeout = 0; SET statement_timeout = 0")

    def close(self) -> None:
        """Close what the watch opened."""
        self._hold.close()

    def _connect(self) -> Connection[tuple[object, ...]]:
        """The bot's connection, which until the end of the run waits for nobody.

        A superuser can lock the catalogue, and then waits for the bot to let its statement go.
        """
        connection = self._open()
        if connection is not self._limited:
            connection.execute(_LIMITS)
            self._limited = connection
        return connection

    def _before(self, event: StatementEvent, backend: int, ask: Ask) -> None:
        limit = self._settings.statement_timeout_ms
        if limit and limit < _SHORTEST_MS:
            self._problem = sight.HURRIED.format(limit=limit)
        elif event.transaction is not None:
            self._within.before(backend, ask)
            self._settings = self._within.settings(backend)
        elif self._count_alone >= WATCHED_ALONE:
            self._problem = sight.TOO_MANY_ALONE.format(limit=WATCHED_ALONE)
        else:
            self._count_alone += 1
            self._settings = self._reported(ask)
            self._alone.before(self._settings)

    def _after(self, statement: StatementEvent, event: DoneEvent, backend: int, ask: Ask) -> Sight:
        if statement.transaction is None:
            self._settings = self._reported(ask)
            return self._alone.sight(self._settings)
        if event.sqlstate is not None:
            return Sight(unseen=sight.FAILED)
        found = self._within.after(backend, ask)
        self._settings = self._within.settings(backend)
        return found

    def _reported(self, ask: Ask) -> Inside:
        """The session's settings; its counters are reported when this is back."""
        report = self._connect().info.server_version // 10_000 >= COUNTED_SINCE
        return inside.parse(ask(inside.query(report=report)), {})

    def _try(self, work: Callable[[], Sight | None]) -> Sight | None:
        from psycopg import Error

        try:
            return work()
        except (Error, Unreadable) as error:
            why = str(error).strip().partition("\n")[0][:200]
            self._problem = sight.UNREADABLE.format(why=why)
            return None
