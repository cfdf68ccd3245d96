"""Children and connections that go away while a statement is looked at."""

from __future__ import annotations

import json
import os
import time

import psycopg
import pytest

from bot.facts import Seen
from bot.observe.answers import Trace
from bot.observe.exchange import Exchange
from bot.observe.locks import Ignored, Watch
from bot.observe.pipes import Closed, Pipes
from bot.observe.protocol import LINE_BYTES, RunAnswer
from tests.postgres.locks import test_hostile_frames as frames
from tests.postgres.locks.conftest import Bench
from tests.postgres.locks.test_hostile_frames import (
    DONE,
    STATEMENT,
    Receive,
    Send,
    watched,
)

connection = frames.connection


def test_a_child_that_goes_away_while_it_is_asked(
    connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    """The pipe is closed: that is known at once."""
    pipes = Pipes()
    frame = {"id": 1, **STATEMENT, "seq": 1, "transaction": 1, "backend": 5}
    os.write(pipes.theirs[1], json.dumps(frame).encode() + b"\n")
    pipes.close_theirs()
    watch = Watch(lambda: connection, lambda: connection, (), Ignored())
    exchange = Exchange(pipes, 1, time.monotonic() + 5, LINE_BYTES, Trace(), watch)
    with pytest.raises(Closed):
        exchange.answer({"op": "run"}, RunAnswer)
    pipes.close()


def test_done_that_nobody_announced(
    connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    """It is let go and ignored; the statement that was announced keeps what is known of it."""

    def behave(send: Send, receive: Receive) -> None:
        receive()
        send(**DONE, seq=9)
        receive()
        send(**STATEMENT, seq=1, transaction=1, backend=None)
        receive()
        send(**DONE, seq=2)
        receive()
        send(ok=True)

    (found,) = watched(connection, behave)
    assert found.unseen == "it did not end"


def test_the_bots_connection_is_lost(
    connection: psycopg.Connection[tuple[object, ...]],
) -> None:
    """Then nothing more is seen, and the run goes on."""

    def behave(send: Send, receive: Receive) -> None:
        receive()
        send(**STATEMENT, seq=1, transaction=1, backend=7)
        receive()
        send(**DONE, seq=1)
        receive()
        send(ok=True)

    with psycopg.connect(
        connection.info.dsn, password=connection.info.password, autocommit=True
    ) as lost:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", (lost.info.backend_pid,))
        (found,) = watched(lost, behave)
    assert found.seen is Seen.NOT
    assert found.unseen is not None
    assert found.unseen.startswith("the database could not be read beside it")


def test_a_locked_catalogue_keeps_nobody_waiting(
    bench: Bench, connection: psycopg.Connection[tuple[object, ...]]
) -> None:
    """A superuser's migration can do that: the bot gives up, and lets the statement go."""

    def behave(send: Send, receive: Receive) -> None:
        receive()
        for number in (1, 2):
            send(**STATEMENT, seq=number, transaction=None, backend=os.getpid())
            while "go" not in receive():
                send(event="read", value='[["0", "0", "on"], null, null]')
            send(**DONE, seq=number)
            while "go" not in receive():
                send(event="read", value='[["0", "0", "on"], null, null]')
        send(ok=True)

    with bench.server.connect(connection.info.dbname) as theirs:
        theirs.execute("BEGIN; LOCK TABLE pg_catalog.pg_class")
        began = time.monotonic()
        found = watched(connection, behave, seconds=50)
        assert time.monotonic() - began < 40
    assert [item.seen for item in found] == [Seen.NOT, Seen.NOT]
    row = connection.execute("SHOW lock_timeout").fetchone()
    assert row == ("0",)
