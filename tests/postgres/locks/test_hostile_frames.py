"""A child that lies while the bot watches: bounded, told, and never a hang."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from bot.facts import Seen, Statement
from bot.observe.answers import Trace
from bot.observe.exchange import Exchange
from bot.observe.locks import Ignored, Watch
from bot.observe.pipes import Late, Pipes
from bot.observe.protocol import LINE_BYTES, BadFrame, RunAnswer
from tests.postgres.locks.conftest import Bench

Send = Callable[..., None]
Receive = Callable[[], dict[str, Any]]
Child = Callable[[Send, Receive], None]
STATEMENT = {
    "event": "statement",
    "sql": "ALTER TABLE t",
    "path": "versions/a.py",
    "line": 7,
    "direction": "upgrade",
    "waits": True,
}
DONE = {"event": "done", "duration_ms": 1.0, "waits": True}


@pytest.fixture
def connection(bench: Bench) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """The bot's connection to a database with start.sql in it."""
    stage = bench.stage()
    yield stage.connection
    stage.leave()
    bench.server.drop(stage.database)


@contextmanager
def child(behaviour: Child) -> Iterator[Pipes]:
    """Pipes at whose other ends somebody behaves so."""
    pipes = Pipes()
    there, back = pipes.theirs

    def send(**frame: Any) -> None:
        os.write(back, json.dumps({"id": 1, **frame}).encode() + b"\n")

    def work() -> None:
        lines = os.fdopen(os.dup(there))
        try:
            behaviour(send, lambda: json.loads(next(lines)))
        except (StopIteration, BrokenPipeError, ValueError):
            pass
        finally:
            lines.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield pipes
    finally:
        pipes.close()
        pipes.close_theirs()
        thread.join(10)


def watched(
    connection: psycopg.Connection[tuple[object, ...]], behaviour: Child, seconds: float = 5.0
) -> list[Statement]:
    """The statements of a run of that child."""
    address = connection.info.dsn
    password = connection.info.password

    def another() -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(address, password=password, autocommit=True)

    watch = Watch(lambda: connection, another, range(20_000), Ignored())
    trace = Trace()
    with child(behaviour) as pipes:
        exchange = Exchange(pipes, 1, time.monotonic() + seconds, LINE_BYTES, trace, watch)
        try:
            ran = trace.ran(exchange.answer({"op": "run"}, RunAnswer))
        finally:
            watch.close()
    return list(ran.statements)


def held(connection: psycopg.Connection[tuple[object, ...]]) -> int:
    """How many locks on tables of users there are in the database."""
    row = connection.execute(
        "SELECT count(*) FROM pg_catalog.pg_locks WHERE relation >= 16384"
    ).fetchone()
    return int(str(row and row[0]))


@pytest.mark.parametrize("backend", [0, -1, 2**31, 2**62, 1])
def test_a_backend_that_is_none(
    connection: psycopg.Connection[tuple[object, ...]], backend: int
) -> None:
    """No such process: nothing was seen, and it is said."""

    def behave(send: Send, receive: Receive) -> None:
        receive()
        send(**STATEMENT, seq=1, transaction=1, backend=backend)
        answer = receive()
        while "go" not in answer:
            send(event="read", value='[["0", "0", "on"], null, null]')
            answer = receive()
        send(**DONE, seq=1)
        receive()
        send(ok=True)

    (found,) = watched(connection, behave)
    assert (found.seen, found.effects) == (Seen.NOT, ())
    assert found.unseen


@pytest.mark.parametrize(
    "answer",
    [
        {"value": None, "error": "x" * 100_000},
        {"value": "x" * 900_000},
        {"value": "[[[[[["},
        {"value": json.dumps([["1", "2", "3"], [[1, 2]], None])},
        {"value": '[["0", "0", "on"], [[20000, "a\\u0000b", "c", "r", 1, 1, 1, 1, 1]], null]'},
        {},
    ],
)
def test_an_answer_that_is_none(
    connection: psycopg.Connection[tuple[object, ...]], answer: dict[str, Any]
) -> None:
    """What the child says of its own transaction is read strictly, and cut."""

    def behave(send: Send, receive: Receive) -> None:
        receive()
        send(**STATEMENT, seq=1, transaction=1, backend=os.getpid())
        while "go" not in receive():
            send(event="read", **answer)
        send(**DONE, seq=1)
        while "go" not in receive():
            send(event="read", **answer)
        send(ok=True)

    (found,) = watched(connection, behave)
    assert (found.seen, found.effects) == (Seen.NOT, ())
    assert found.unseen is not None
    assert len(found.unseen) < 1000


def test_locks_cannot_be_denied(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """They are read by the bot: a child that says that nothing is there is not believed."""
    with psycopg.connect(connection.info.dsn, password=connection.info.password) as theirs:

        def behave(send: Send, receive: Receive) -> None:
            empty = '[["0", "0", "on"], null, null]'
            receive()
            theirs.execute("SELECT 1")
            backend = theirs.info.backend_pid
            send(**STATEMENT, seq=1, transaction=1, backend=backend)
            while "go" not in receive():
                send(event="read", value=empty)
            theirs.execute("ALTER TABLE public.parent ADD x int")
            send(**DONE, seq=1)
            while "go" not in receive():
                send(event="read", value=empty)
            send(ok=True)

        (found,) = watched(connection, behave)
        theirs.rollback()
    (effect,) = found.effects
    assert (effect.relation, effect.locks) == ("public.parent", ("AccessExclusiveLock",))


def test_silence_outside_a_transaction_ends_with_the_deadline(
    connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    """And the bot's own locks are gone with it."""

    def behave(send: Send, receive: Receive) -> None:
        receive()
        send(**STATEMENT, seq=1, transaction=None, backend=os.getpid())
        while "go" not in receive():
            send(event="read", value='[["0", "0", "on"], null, null]')
        receive()

    began = time.monotonic()
    with pytest.raises(Late):
        watched(connection, behave, seconds=1.0)
    assert time.monotonic() - began < 10
    assert held(connection) == 0


@pytest.mark.parametrize(
    "frame",
    [
        {"event": "read", "value": "unasked"},
        {"event": "go"},
        {"event": "done", "duration_ms": "long", "seq": 1},
    ],
)
def test_frames_out_of_place(
    connection: psycopg.Connection[tuple[object, ...]], frame: dict[str, Any]
) -> None:
    """The protocol is broken, and that is what the reader is told."""

    def behave(send: Send, receive: Receive) -> None:
        receive()
        send(**frame)

    with pytest.raises(BadFrame):
        watched(connection, behave)


def test_an_answer_to_the_request_instead_of_the_question(
    connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    """A child that is asked about its transaction has no other way on."""

    def behave(send: Send, receive: Receive) -> None:
        receive()
        send(**STATEMENT, seq=1, transaction=1, backend=os.getpid())
        send(ok=True)

    with pytest.raises(BadFrame, match="no answer to what was asked"):
        watched(connection, behave)
