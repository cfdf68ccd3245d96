"""Locks of the bot's own on the tables of a database, for a statement to wait for.

SHARE UPDATE EXCLUSIVE conflicts with itself and with everything stronger, and lets rows be read and
written (PostgreSQL docs, "Explicit Locking", table 13.2): what waits for it is schema changes,
maintenance and index builds, CONCURRENTLY too. ROW EXCLUSIVE does not conflict with it, so that two
sessions can hold the same tables, and one of them can be taken anew while the other keeps the
statement where it is: table by table, every strong lock that it asks for is seen.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from bot.observe.locks.relations import Relation

if TYPE_CHECKING:
    from psycopg import Connection, sql

    Connect = Callable[[], Connection[tuple[object, ...]]]

MOST = 1_000  # relations to lock: a stock server has room for 6,400 locks
_MODES = ("SHARE UPDATE EXCLUSIVE", "ROW EXCLUSIVE")
_ACQUIRE_MS = 200  # to get them, when somebody of the target's holds one
_LONGEST_MS = 2_000
_SHARE_OF_TIMEOUT = 4  # at most a quarter of the time after which the statement would give up
_SHORTEST_TIMEOUT_MS = 100


class Hold:
    """Holds them in transactions of its own, on connections that ``connect`` opens when needed."""

    def __init__(self, connect: Connect) -> None:
        self._holders = tuple(_Holder(connect, mode) for mode in _MODES)
        self._left: dict[int, Relation] = {}
        self._turn = 0
        self._longest_ms = 0.0

    def take(self, relations: Iterable[Relation], patience_ms: float) -> bool:
        """Lock the tables among them; False where that was not possible, or would be felt.

        ``patience_ms`` is the time after which a statement that waits would fail, 0 for never.
        """
        self._left = {item.oid: item for item in relations if item.kind in "rpm"}
        self._turn = 0
        if len(self._left) > MOST or 0 < patience_ms < _SHORTEST_TIMEOUT_MS:
            return False
        self._longest_ms = min(_LONGEST_MS, patience_ms / _SHARE_OF_TIMEOUT or _LONGEST_MS)
        return self._holders[0].take(self._left.values(), self._longest_ms)

    def pass_on(self, asked: Iterable[int]) -> None:
        """Let a statement have the relations that it waits for, and hold the others still."""
        for oid in asked:
            self._left.pop(oid, None)
        this, other = self._holders[self._turn], self._holders[1 - self._turn]
        other.take(self._left.values(), self._longest_ms)
        this.release()
        self._turn = 1 - self._turn

    def release(self) -> bool:
        """Let go of everything; whether it was held until now. Idempotent."""
        lasted = self._holders[self._turn].release()
        self._holders[1 - self._turn].release()
        return lasted

    def close(self) -> None:
        """Close the connections, so that the database can be cloned or dropped."""
        for holder in self._holders:
            holder.close()


class _Holder:
    """One session and its lock.

    The server itself ends the transaction when it lasts too long, whatever becomes of the bot: a
    statement that waits for it always goes on.
    """

    def __init__(self, connect: Connect, mode: str) -> None:
        self._connect = connect
        self._mode = mode
        self._connection: Connection[tuple[object, ...]] | None = None

    def take(self, relations: Iterable[Relation], longest_ms: float) -> bool:
        from psycopg import Error, sql

        chosen = list(relations)
        tables = [item for item in chosen if item.kind != "m"]
        commands: list[sql.Composable] = [
            sql.SQL("BEGIN"),
            sql.SQL(f"SET LOCAL lock_timeout = {_ACQUIRE_MS}"),
            sql.SQL(f"SET LOCAL idle_in_transaction_session_timeout = {int(longest_ms)}"),
        ]
        if tables:
            listed = sql.SQL(", ").join(sql.SQL("ONLY ") + _identifier(table) for table in tables)
            commands.append(sql.SQL("LOCK TABLE ") + listed + sql.SQL(f" IN {self._mode} MODE"))
        if self._mode == _MODES[0]:  # LOCK TABLE refuses them; a COMMENT, never committed, does not
            comment = sql.SQL("COMMENT ON MATERIALIZED VIEW {} IS NULL")
            commands += [comment.format(_identifier(item)) for item in chosen if item.kind == "m"]
        try:
            if self._connection is None or self._connection.closed:
                self._connection = self._connect()
            self._connection.execute(sql.SQL("; ").join(commands))
        except Error:
            self.release()
            return False
        return True

    def release(self) -> bool:
        from psycopg import Error
        from psycopg.pq import TransactionStatus

        connection = self._connection
        if connection is None or connection.closed:
            return False
        if connection.info.transaction_status == TransactionStatus.IDLE:
            return False
        try:
            connection.execute("ROLLBACK")
        except Error:  # the server has ended it
            self.close()
            return False
        return True

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.close()


def _identifier(relation: Relation) -> sql.Identifier:
    from psycopg import sql

    return sql.Identifier(relation.schema, relation.name)
