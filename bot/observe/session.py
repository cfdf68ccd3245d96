"""One session with the probe: requests, answers and deadlines."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from bot.facts import Direction, Failure, FailureKind
from bot.observe import answers
from bot.observe.answers import Opened, Ran, Trace
from bot.observe.exchange import Exchange
from bot.observe.inspected import (
    CompareAnswer,
    ExerciseAnswer,
    ModelsAnswer,
    NotInspected,
    TypesAnswer,
)
from bot.observe.locks import Watch
from bot.observe.pipes import Closed, Late, Pipes, TooLong
from bot.observe.protocol import (
    CHAIN_BYTES,
    LINE_BYTES,
    BadFrame,
    OpenAnswer,
    Ready,
    RunAnswer,
    Versions,
    decode,
)
from bot.observe.sandbox import fill
from bot.observe.server import Address
from bot.observe.server.url import placeholders
from bot.projects import Environment

_CLOSE_SECONDS = 0.5
_DOING = {
    "models": "reading the models",
    "compare": "comparing models and schema",
    "exercise": "running the models' statements",
    "types": "checking the models' types",
}

Answer = TypeVar(
    "Answer", OpenAnswer, RunAnswer, ModelsAnswer, CompareAnswer, ExerciseAnswer, TypesAnswer
)
Inspection = TypeVar("Inspection", ModelsAnswer, CompareAnswer, ExerciseAnswer, TypesAnswer)


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
        end: Callable[[Session], None],
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
    def pid(self) -> int | None:
        """What the session says is its process, once it was first opened."""
        return self._ready.pid if self._ready else None

    @property
    def versions(self) -> Versions:
        """What the interpreter runs, once it was first opened."""
        return answers.versions(self._ready.versions) if self._ready else Versions()

    def condemn(self, kind: FailureKind, message: str) -> None:
        """Kill it for that reason; the first reason stays. Called from any thread."""
        with self._lock:
            if self._fate is None:
                self._fate = (kind, message)
        self._end(self)

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
        may_stand_in: Sequence[str] | None = (),
    ) -> Opened:
        """Load the chain and rehearse env.py against the database of ``address``.

        ``changed`` are the tree-relative paths of the revisions that will be traced. The version
        table's names are for the built-in environment only. Something may stand in
        for the modules of ``may_stand_in`` where they are missing, None: for any that is.
        ``deadline`` is in seconds from now and covers the interpreter's start.

        Raises:
            CannotOpen: Alembic is missing, the configuration is unreadable, ….
            ChildGone: the session died, was killed, or broke the protocol.
        """
        values = placeholders(address)
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
            "may_stand_in": may_stand_in,
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
        watch: Watch | None = None,
    ) -> Ran:
        """Run exactly these steps, in this order, in one migration context; never raises.

        Without ``steps`` it goes to ``target``; without that to ``heads`` when upgrading and to
        ``base`` when downgrading. A session that dies or is killed on the way gives a ``Ran``
        whose failure is TIMEOUT, MEMORY or KILLED, with the statement it was at. ``watch`` looks
        at what each traced statement does.
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
            "watch": watch is not None,
        }
        return self._run(request, f"the {direction.value}", deadline, watch)

    def create_all(self, database: str, *, deadline: float) -> Ran:
        """Create the models' tables and stamp the heads; fails as ``run`` does."""
        return self._run(
            {"op": "create_all", "database": database}, "creating the models", deadline
        )

    def inspect(
        self, op: str, shape: type[Inspection], *, deadline: float, **values: Any
    ) -> Inspection:
        """Ask about the models: ``models``, ``compare`` or ``exercise``.

        Raises:
            NotInspected: it could not be answered; the session may be gone.
        """
        until = time.monotonic() + deadline
        try:
            answer = self._exchange({"op": op, **values}, shape, until, CHAIN_BYTES, Trace())
        except (Closed, Late, TooLong, BadFrame) as error:
            kind, message = self._end_after(error, _DOING[op], deadline)
            raise NotInspected(Failure(kind, message)) from None
        if not answer.ok:
            raise NotInspected(
                answer.failure.checked()
                if answer.failure
                else Failure(FailureKind.PYTHON, f"{_DOING[op]} failed")
            )
        return answer

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

    def _run(
        self, request: dict[str, Any], doing: str, deadline: float, watch: Watch | None = None
    ) -> Ran:
        trace = Trace()
        started = time.monotonic()
        try:
            until = started + deadline
            answer = self._exchange(request, RunAnswer, until, LINE_BYTES, trace, watch)
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
        watch: Watch | None = None,
    ) -> Answer:
        if not self.alive:
            raise Closed
        self._number += 1
        exchange = Exchange(self._pipes, self._number, until, longest, trace, watch)
        return exchange.answer(request, shape)

    def _end_after(self, error: Exception, doing: str, deadline: float) -> tuple[FailureKind, str]:
        """Kill what is left and tell why, in words for the reader."""
        match error:
            case Late():
                late = f"{doing} took longer than {deadline:.3g} s"
                if deadline <= 0:
                    late = f"the time of the whole run was over before {doing}; installing and the"
                    late += " revisions before it may have taken it: set a longer `timeout`"
                found = FailureKind.TIMEOUT, late
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
