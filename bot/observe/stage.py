"""One database that revisions of one tree run on, and what the bot itself sees of it.

The child says what it tried; the database says what happened: every ``Step`` made here carries the
catalogue and the version rows as read over the bot's own connection.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Thread
from typing import TYPE_CHECKING

from bot.facts import Direction, Failure, Revision, State, Step
from bot.observe.catalogue import Ignore, Snapshot, differences, plan, planned_snapshot
from bot.observe.child import Ran, Session
from bot.observe.locks import Ignored, Watch
from bot.observe.order import stamped_after_upgrade
from bot.observe.protocol import VersionTable
from bot.observe.server import Server
from bot.observe.version_rows import version_rows

if TYPE_CHECKING:  # 150 ms, which the server's own start spends while initdb runs
    from psycopg import Connection

_EXTENSION = re.compile(
    r'\s*CREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?"?([\w-]+)"?', re.IGNORECASE
)
_RIGHTS_MISSING = "42501"  # insufficient_privilege, PostgreSQL docs Appendix A


class Stage:
    """A database, the session whose revisions run on it, and the bot's connection to it.

    ``existed`` are the oids of the relations that were there before the change. Without ``looks``
    nobody will ask for the catalogue, and its query is not planned.
    """

    def __init__(
        self,
        server: Server,
        session: Session,
        versions: VersionTable,
        database: str,
        remaining: Callable[[], float],
        stamped: tuple[str, ...] | None = None,
        existed: frozenset[int] = frozenset(),
        *,
        looks: bool = True,
    ) -> None:
        self.server = server
        self.session = session
        self.versions = versions
        self.database = database
        self.remaining = remaining
        self._looks = looks
        self._stamped = stamped  # the version rows, where they are known without asking
        self._watch = Watch(
            lambda: self.connection,
            lambda: server.connect(database),
            existed,
            Ignored(frozenset({(versions.schema, versions.table)})),
        )
        self.extensions: list[str] = []  # those that only a superuser could create
        self._opening: Future[Connection[tuple[object, ...]]] | None = None
        self._connection: Connection[tuple[object, ...]] | None = None

    def warm(self) -> Stage:
        """Open the connection and plan the catalogue's query while others work; returns itself."""
        if self._connection is None and self._opening is None:
            opening: Future[Connection[tuple[object, ...]]] = Future()
            self._opening = opening

            def work() -> None:
                try:
                    opening.set_result(self._planned())
                except Exception as error:  # noqa: BLE001 - told where the result is asked for
                    opening.set_exception(error)

            Thread(target=work, name="plan", daemon=True).start()
        return self

    def _planned(self) -> Connection[tuple[object, ...]]:
        connection = self.server.connect(self.database)
        if self._looks:
            plan(connection)
        return connection

    @property
    def connection(self) -> Connection[tuple[object, ...]]:
        """The bot's own connection, opened when first needed."""
        if self._opening is not None:
            opening, self._opening = self._opening, None
            self._connection = opening.result()
        if self._connection is None or self._connection.closed:
            self._connection = self._planned()
        return self._connection

    def leave(self) -> None:
        """Close the bot's connections, so that the database can be cloned or dropped."""
        self._watch.close()
        if self._opening is not None or self._connection is not None:
            self.connection.close()
            self._connection = None

    def look(self, *, structure: bool = False) -> Snapshot:
        """The catalogue now, without anything the target may still hold open.

        With its ``structure`` it is fit for ``schema_of``.
        """
        self.server.disconnect(self.database)
        return planned_snapshot(self.connection, self._ignore(), structure=structure)

    def _ignore(self) -> Ignore:
        return Ignore(version_tables=((self.versions.schema, self.versions.table),))

    def relations(self) -> frozenset[int]:
        """The oids of all relations of the database's users."""
        rows = self.connection.execute(
            "SELECT oid::bigint FROM pg_catalog.pg_class WHERE oid >= 16384"
        ).fetchall()
        return frozenset(int(str(row[0])) for row in rows)

    def stamped(self) -> tuple[str, ...]:
        """The rows of the version table, sorted; empty when there is no such table."""
        return version_rows(self.connection, self.versions)

    def run(
        self,
        direction: Direction,
        steps: Sequence[str] | None,
        *,
        trace: bool = False,
        within: float = math.inf,
    ) -> Ran:
        """Run the steps (None: to the heads) in one migration context, by the project's env.py.

        It may take ``within`` seconds, and never longer than the rest of the whole run.
        An extension that only a superuser may create is created by the bot, and the run is
        repeated: PostgreSQL's transactional DDL has undone what came before.
        """
        while True:
            ran = self.session.run(
                self.database,
                direction,
                steps=None if steps is None else tuple(steps),
                trace=trace,
                watch=self._watch if trace else None,
                deadline=min(within, self.remaining()),
            )
            wanted = _wanted_extension(ran.failure)
            if wanted is None or wanted in self.extensions:
                return ran
            self.server.disconnect(self.database)
            if not self.server.create_extension(self.database, wanted, demanded=True):
                return ran
            self.extensions.append(wanted)

    def step(
        self, direction: Direction, revision: Revision, before: Snapshot, *, structure: bool = False
    ) -> tuple[Step, Snapshot]:
        """One direction of one revision: what was tried, and what the database then shows."""
        was = self.stamped() if self._stamped is None else self._stamped
        self._stamped = None
        had = len(self.extensions)
        ran = self.run(direction, (revision.revision,), trace=True)
        after = self.look(structure=structure)
        self._stamped = stamped = self.stamped()
        if direction is Direction.UPGRADE:
            done = revision.revision in stamped
            expected = stamped if done else stamped_after_upgrade(was, revision)
        else:
            done = revision.revision not in stamped
            expected = stamped if done else tuple(r for r in was if r != revision.revision)
        step = Step(
            state=State.FAILED if ran.failure else State.OK,
            failure=ran.failure or ran.swallowed,
            statements=ran.statements,
            changed=differences(before, after, validated=True),
            stamped=stamped,
            expected=expected,
            rows_touched=sum(
                max(0, item.rows or 0) for item in ran.statements if _writes(item.sql)
            ),
            duration_ms=ran.duration_ms,
            extensions=tuple(self.extensions[had:]),
        )
        return step, after


def _wanted_extension(failure: Failure | None) -> str | None:
    if failure is None or failure.sqlstate != _RIGHTS_MISSING or not failure.statement:
        return None
    found = _EXTENSION.match(failure.statement)
    return found.group(1) if found else None


def _writes(statement: str) -> bool:
    return statement.lstrip()[:6].upper() in {"INSERT", "UPDATE", "DELETE"}
