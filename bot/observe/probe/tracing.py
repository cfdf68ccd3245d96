"""Every statement of the running revision: counted always, reported when the run is traced."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import event
from sqlalchemy.engine import Engine

from . import drivers, lines
from .failures import MAX_SQL, sqlstate
from .watching import Watching

if TYPE_CHECKING:
    from .channel import Channel
    from .lines import Batch, Tree

MAX_EVENTS = 5_000  # statements reported per operation
MAX_PARAMETERS = 100
MAX_NOTICES = 20
MAX_NOTICE = 1_000  # characters


class _Pending(NamedTuple):
    """A reported statement that runs; ``started`` by the clock of ``time.perf_counter``."""

    sequence: int
    dbapi: Any
    started: float
    waits: bool


class Tracer:
    """Listens to all engines; ``begin`` starts an operation, ``step`` a revision's function.

    ``statements`` counts those of revisions; ``last_error`` is the last error of any statement.
    """

    def __init__(self, channel: Channel, tree: Tree, batch: Batch) -> None:
        self._channel = channel
        self._tree = tree
        self._batch = batch
        self._notices: list[dict[str, Any]] = []
        self._watching = Watching(channel)
        self.begin(None, None, reported=False)

    def install(self) -> None:
        """Begin to listen; once per process."""
        event.listen(Engine, "before_cursor_execute", self._one_database, retval=True)
        event.listen(Engine, "before_cursor_execute", self._before)
        event.listen(Engine, "after_cursor_execute", self._after)
        event.listen(Engine, "handle_error", self._error)
        event.listen(Engine, "commit", self._transaction_ends)
        event.listen(Engine, "rollback", self._transaction_ends)

    def connected(self, connection: Any) -> None:
        """A new connection of the driver: have its notices sent here."""
        drivers.listen(connection, self._notice)

    def begin(
        self,
        operation: int | None,
        direction: str | None,
        *,
        reported: bool,
        watched: bool = False,
    ) -> None:
        """A new operation of the protocol."""
        self._watching.begin(operation, watched=watched)
        self._operation = operation
        self._direction = direction
        self._reported = reported
        self._revision: str | None = None
        self._path: str | None = None
        self._sequence = 0
        self._events = 0
        self._transactions: dict[int, int] = {}
        self._transaction_count = 0
        self.statements = 0
        self.last_error: BaseException | None = None
        self._pending: _Pending | None = None

    def step(self, revision: str | None, path: str | None) -> None:
        """A revision's function begins (or ends: both None)."""
        self._revision, self._path = revision, path
        self._batch.revision_path, self._batch.current = path, None

    def _notice(self, code: Any, message: Any) -> None:
        if self._reported and len(self._notices) < MAX_NOTICES:
            text = str(message or "")[:MAX_NOTICE]
            self._notices.append({"sqlstate": str(code or "00000"), "message": text})

    def _one_database(
        self,
        _connection: Any,
        _cursor: Any,
        statement: str,
        parameters: Any,
        _context: Any,
        _executemany: Any,
    ) -> tuple[str, Any]:
        """An env.py that makes its database where it misses it is led to the one that is there."""
        if self._revision is not None:
            return statement, parameters
        words = [word.upper() for word in statement.split(None, 2)[:2]]
        return "SELECT 1" if words == ["CREATE", "DATABASE"] else statement, parameters

    def _before(
        self,
        connection: Any,
        _cursor: Any,
        statement: str,
        parameters: Any,
        _context: Any,
        executemany: Any,
    ) -> None:
        if self._operation is None:
            return
        if self._pending is not None and self._pending.waits:
            self._watching.ends()  # no event told of its end
        self._pending = None
        if self._revision is not None:
            self.statements += 1
        if not self._reported or self._events >= MAX_EVENTS:
            return  # before the stack is looked at: that is what costs
        where = self._where()
        if where is None:
            return
        self._events += 1
        self._sequence += 1
        dbapi = _dbapi(connection)
        types, many = _parameters(parameters, executemany)
        message = {
            "id": self._operation,
            "event": "statement",
            "seq": self._sequence,
            "sql": statement[:MAX_SQL],
            "cut": len(statement) > MAX_SQL,
            "parameters": types,
            "many": many,
            "path": where[0],
            "line": where[1],
            "transaction": self._transaction(dbapi),
            "direction": self._direction,
            "revision": self._revision,
            "backend": drivers.backend(dbapi),
            "waits": (waits := self._watching.starts()),
        }
        drivers.collect(dbapi, lambda *_notice: None)  # those of statements that are not reported
        self._notices.clear()
        sequence = self._sequence
        self._channel.send(message)
        if waits:
            self._watching.wait(dbapi)
        self._pending = _Pending(sequence, dbapi, time.perf_counter(), waits)

    def _where(self) -> tuple[str | None, int] | None:
        if self._revision is None:
            return lines.sending(self._tree)
        if self._batch.current is not None:
            return self._batch.current
        return lines.calling(self._tree, self._path)

    def _after(
        self,
        _connection: Any,
        cursor: Any,
        _statement: str,
        _parameters: Any,
        _context: Any,
        _executemany: Any,
    ) -> None:
        if self._pending is not None:
            rows = getattr(cursor, "rowcount", -1)
            self._done(rows if isinstance(rows, int) and rows >= 0 else None, None)

    def _error(self, context: Any) -> None:
        if self._operation is None:
            return
        error = context.original_exception
        self.last_error = context.sqlalchemy_exception or error
        if self._pending is not None and context.statement is not None:
            code = sqlstate(error) or sqlstate(getattr(error, "__cause__", None))
            self._done(None, code or "")

    def _done(self, rows: int | None, code: str | None) -> None:
        if self._pending is None:
            return
        ended, self._pending = self._pending, None
        duration = (time.perf_counter() - ended.started) * 1000
        drivers.collect(ended.dbapi, self._notice)
        self._channel.send(
            {
                "id": self._operation,
                "event": "done",
                "seq": ended.sequence,
                "duration_ms": round(duration, 3),
                "rows": rows,
                "notices": self._notices,
                "sqlstate": code,
                "waits": ended.waits,
            }
        )
        self._notices = []
        if ended.waits:
            self._watching.wait(ended.dbapi)
            self._watching.ends()

    def _transaction(self, dbapi: Any) -> int | None:
        state = drivers.in_transaction(dbapi)
        if state == "alone":
            return None
        if state == "opens" or id(dbapi) not in self._transactions:
            self._transaction_count += 1
            self._transactions[id(dbapi)] = self._transaction_count
        return self._transactions[id(dbapi)]

    def _transaction_ends(self, connection: Any) -> None:
        if self._operation is not None and self._transactions:
            self._transactions.pop(id(_dbapi(connection)), None)


def _dbapi(connection: Any) -> Any:
    """The driver's connection below SQLAlchemy's."""
    proxied = connection.connection
    found = getattr(proxied, "dbapi_connection", None)  # SQLAlchemy 1.4.24
    return proxied.connection if found is None else found


def _parameters(parameters: Any, executemany: object) -> tuple[list[str], int]:
    """Types of the first set of parameters (values are never reported) and the number of sets."""
    many, first = 1, parameters
    if executemany and isinstance(
        parameters, (list, tuple)
    ):  # insertmanyvalues: one set all the same
        many, first = len(parameters), next(iter(parameters), ())
    values = list(first.values()) if isinstance(first, dict) else first
    values = values if isinstance(values, (list, tuple)) else ()
    return [type(value).__name__ for value in values[:MAX_PARAMETERS]], many
