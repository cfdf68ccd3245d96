"""One session with the probe: requests, answers and deadlines."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import quote

from bot.facts import Direction, Failure, FailureKind
from bot.observe import answers
from bot.observe.answers import Opened, Ran, Trace
from bot.observe.pipes import Closed, Late, Pipes, TooLong
from bot.observe.protocol import (
    CHAIN_BYTES,
    LINE_BYTES,
    BadFrame,
    DoneEvent,
    Head,
    OpenAnswer,
    Ready,
    RunAnswer,
    StatementEvent,
    Versions,
    decode,
)
from bot.observe.sandbox import fill
from bot.observe.server import Address
from bot.projects import Environment

_FRAMES = 50_000  # of one op; an honest one sends two for each of 5,000 statements
_CLOSE_SECONDS = 0.5

Answer = TypeVar("Answer", OpenAnswer, RunAnswer)


class ChildGone(Exception):
    """A session cannot be used: ``kind`` is why, ``message`` says it to the reader.

    ``failure`` holds both and, where the project could not be opened, what stood in the way.
    """

    def __init__(self, kind: FailureKind, message: str, failure: Failure | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.failure = failure or Failure(kind, message)


class CannotOpen(ChildGone):
    """Nothing of the project can be run; the session itself lives and can be asked again."""


class Session:
    """One process that has one tree open. Used from one thread at a time.

    ``end`` kills its processes; ``last_words`` is what the interpreter printed.
    """

    def __init__(
        self,
        pipes: Pipes,
        environ: Mapping[str, str],
        end: Callable[[], None],
        last_words: Callable[[], str],
    ) -> None:
        self._pipes = pipes
        self._environ = environ
        self._end = end
        self._last_words = last_words
        self._number = 0
        self._lock = threading.Lock()
        self._fate: tuple[FailureKind, str] | None = None
        self._ready: Ready | None = None

    @property
    def alive(self) -> bool:
        """Whether it can still be asked; False from the moment it died or was killed."""
        return self._fate is None

    @property
    def versions(self) -> Versions:
        """What the interpreter runs, once it was first opened."""
        return answers.versions(self._ready.versions) if self._ready else Versions()

    def condemn(self, kind: FailureKind, message: str) -> None:
        """Kill it for that reason; the first reason stays. Called from any thread."""
        with self._lock:
            if self._fate is None:
                self._fate = (kind, message)
        self._end()

    def open(
        self,
        tree: Path,
        environment: Environment,
        address: Address,
        *,
        deadline: float,
        changed: Sequence[str] = (),
        mode: Literal["project", "builtin"] = "project",
        version_table: str | None = None,
        version_table_schema: str | None = None,
    ) -> Opened:
        """Load the chain and rehearse env.py against the database of ``address``.

        ``changed`` are the tree-relative paths of the revisions that will be traced. The version
        table's names are for the built-in environment only. ``deadline`` is in seconds from now
        and covers the interpreter's start.

        Raises:
            CannotOpen: Alembic is missing, the configuration is unreadable, ….
            ChildGone: the session died, was killed, or broke the protocol.
        """
        values = _values(address)
        until = time.monotonic() + deadline
        request = {
            "op": "open",
            "tree": str(tree),
            "workdir": environment.workdir,
            "kind": environment.kind,
            "config": environment.config,
            "section": environment.section,
            "script_location": environment.script_location,
            "version_locations": environment.version_locations,
            "recursive": environment.recursive,
            "options": fill(environment.options, values),
            "sys_path": environment.sys_path,
            "ini": environment.ini,
            "environ": fill(self._environ, values),
            "address": {name: values[name] for name in ("host", "user", "password", "database")}
            | {"port": address.port, "parameters": dict(address.parameters)},
            "changed": tuple(changed),
            "mode": mode,
            "version_table": version_table,
            "version_table_schema": version_table_schema,
        }
        try:
            self._greet(until)
            answer = self._exchange(request, OpenAnswer, until, CHAIN_BYTES, Trace())
            if answer.ok:
                return answers.opened(answer)
        except (Closed, Late, TooLong, BadFrame) as error:
            kind, message = self._end_after(error, "opening the project", deadline)
            raise ChildGone(kind, message) from None
        failure = answer.failure.checked() if answer.failure else None
        message = failure.message if failure else "the project cannot be opened"
        raise CannotOpen(failure.kind if failure else FailureKind.PYTHON, message, failure)

    def run(
        self,
        database: str,
        direction: Direction,
        *,
        deadline: float,
        steps: Sequence[str] | None = None,
        target: str | None = None,
        trace: bool = False,
    ) -> Ran:
        """Run exactly these steps, in this order, in one migration context; never raises.

        Without ``steps`` it goes to ``target``; without that to ``heads`` when upgrading and to
        ``base`` when downgrading. A session that dies or is killed on the way gives a ``Ran``
        whose failure is TIMEOUT, MEMORY or KILLED, with the statement it was at.
        """
        if steps is None and target is None:
            target = "heads" if direction is Direction.UPGRADE else "base"
        request = {
            "op": "run",
            "database": database,
            "direction": direction.value,
            "target": target,
            "steps": None if steps is None else tuple(steps),
            "trace": trace,
        }
        return self._run(request, f"the {direction.value}", deadline)

    def create_all(self, database: str, *, deadline: float) -> Ran:
        """Create the models' tables and stamp the heads; fails as ``run`` does."""
        return self._run(
            {"op": "create_all", "database": database}, "creating the models", deadline
        )

    def close(self) -> None:
        """Let it end; whatever it answers, it is gone afterwards. Idempotent."""
        if self.alive:
            try:
                until = time.monotonic() + _CLOSE_SECONDS
                self._exchange({"op": "close"}, RunAnswer, until, LINE_BYTES, Trace())
            except (Closed, Late, TooLong, BadFrame):
                pass
            self.condemn(FailureKind.KILLED, "it was closed")
        self._pipes.close()

    def _run(self, request: dict[str, Any], doing: str, deadline: float) -> Ran:
        trace = Trace()
        started = time.monotonic()
        try:
            answer = self._exchange(request, RunAnswer, started + deadline, LINE_BYTES, trace)
            return trace.ran(answer)
        except (Closed, Late, TooLong, BadFrame) as error:
            kind, message = self._end_after(error, doing, deadline)
            return trace.stopped(kind, message, time.monotonic() - started)

    def _greet(self, until: float) -> None:
        while self._ready is None:
            line = self._pipes.line(until, LINE_BYTES)
            if line.strip():
                self._ready = decode(line, Ready)

    def _exchange(
        self,
        request: dict[str, Any],
        shape: type[Answer],
        until: float,
        longest: int,
        trace: Trace,
    ) -> Answer:
        if not self.alive:
            raise Closed
        self._number += 1
        message = json.dumps({"id": self._number, **request}, separators=(",", ":"))
        self._pipes.send(message.encode() + b"\n", until)
        for _ in range(_FRAMES):
            line = self._pipes.line(until, longest)
            if not line.strip():
                continue
            head = decode(line, Head)
            if head.id != self._number:
                raise BadFrame(f"an answer to request {head.id} instead of {self._number}")
            if head.event == "statement":
                trace.sent(decode(line, StatementEvent))
            elif head.event == "done":
                trace.done(decode(line, DoneEvent))
            elif head.event is not None or head.ok is None:
                raise BadFrame("neither an answer nor an event that is known")
            else:
                return decode(line, shape)
        raise BadFrame(f"more than {_FRAMES} events")

    def _end_after(self, error: Exception, doing: str, deadline: float) -> tuple[FailureKind, str]:
        """Kill what is left and tell why, in words for the reader."""
        match error:
            case Late():
                found = FailureKind.TIMEOUT, f"{doing} took longer than {deadline:g} s"
            case Closed():
                found = FailureKind.KILLED, f"the process ended during {doing}"
            case TooLong():
                found = FailureKind.KILLED, f"{doing}: the process sent an endless line"
            case _:
                found = FailureKind.KILLED, f"{doing}: the process broke the protocol: {error}"
        self.condemn(*found)
        with self._lock:
            kind, message = self._fate or found
        words = self._last_words() if kind is FailureKind.KILLED else ""
        return kind, f"{message}; it printed: {words}" if words else message


def _values(address: Address) -> dict[str, str]:
    """What ``{url}`` and the other placeholders of the configuration stand for."""
    user, password = quote(address.user, safe=""), quote(address.password, safe="")
    host = quote(address.host, safe="")
    place = f"{address.host}:{address.port}/{quote(address.database, safe='')}"
    if address.host.startswith("/"):  # a socket directory cannot stand where a host does
        place = f"/{quote(address.database, safe='')}?host={host}&port={address.port}"
    return {
        "url": f"postgresql://{user}:{password}@{place}",
        "host": address.host,
        "port": str(address.port),
        "user": address.user,
        "password": address.password,
        "database": address.database,
    }
