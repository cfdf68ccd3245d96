"""The bot's own locks: what waits for them, how they are passed on, how they end."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg
import pytest

from bot.observe.locks.hold import MOST, Hold
from bot.observe.locks.outside import everything
from bot.observe.locks.relations import Relation
from bot.observe.stage import Stage
from tests.postgres.locks.conftest import Bench

Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def stage(bench: Bench) -> Iterator[Stage]:
    """A database with start.sql in it."""
    made = bench.stage()
    yield made
    made.leave()
    bench.server.drop(made.database)


@pytest.fixture
def hold(bench: Bench, stage: Stage) -> Iterator[Hold]:
    """A hold on that database, let go at the end."""
    made = Hold(lambda: bench.server.connect(stage.database))
    yield made
    made.close()


def relations(stage: Stage) -> list[Relation]:
    """All of the database's."""
    found = everything(stage.connection)
    assert found is not None
    return list(found[0].values())


def waits(connection: Connection, statement: str) -> bool:
    """Whether somebody keeps that statement waiting; it is undone."""
    connection.execute("BEGIN; SET LOCAL lock_timeout = 20")
    try:
        connection.execute(statement.encode())
    except psycopg.errors.LockNotAvailable:
        return True
    finally:
        connection.execute("ROLLBACK")
    return False


def test_schema_changes_wait_and_rows_do_not(stage: Stage, hold: Hold) -> None:
    """Of tables, partitions and materialized views."""
    assert hold.take(relations(stage), 0)
    for statement in (
        "ALTER TABLE public.parent SET (fillfactor = 70)",
        "CREATE INDEX ON public.measured_1 (id)",
        "REFRESH MATERIALIZED VIEW public.kept",
    ):
        assert waits(stage.connection, statement)
    for statement in ("SELECT FROM public.parent", "UPDATE public.parent SET name = name"):
        assert not waits(stage.connection, statement)
    assert hold.release()
    assert not waits(stage.connection, "ALTER TABLE public.parent ADD x int")


def test_a_relation_is_passed_on_and_the_others_held(stage: Stage, hold: Hold) -> None:
    """As often as a statement asks for another one."""
    oids = {item.name: item.oid for item in relations(stage)}
    assert hold.take(relations(stage), 0)
    for name in ("parent", "child", "linked"):
        assert waits(stage.connection, f"LOCK TABLE ONLY public.{name}")
        hold.pass_on([oids[name]])
        assert not waits(stage.connection, f"LOCK TABLE ONLY public.{name}")
        assert waits(stage.connection, "LOCK TABLE public.logged")


def test_the_server_ends_it(stage: Stage, hold: Hold) -> None:
    """A statement with a lock_timeout is not failed by a bot that is slow."""
    assert hold.take(relations(stage), 200)
    time.sleep(0.5)
    assert not waits(stage.connection, "LOCK TABLE public.parent")
    assert not hold.release()
    assert hold.take(relations(stage), 0)


def test_it_is_not_taken_where_it_could_be_felt(stage: Stage, hold: Hold) -> None:
    """Short timeouts, more tables than a server has room for, tables that somebody has locked."""
    assert not hold.take(relations(stage), 50)
    one = relations(stage)[0]
    many = [Relation(number, one.schema, one.name, "r") for number in range(MOST + 1)]
    assert not hold.take(many, 0)
    stage.connection.execute("BEGIN; LOCK TABLE public.parent")
    assert not hold.take(relations(stage), 0)
    stage.connection.execute("ROLLBACK")
    assert not hold.release()


def test_names_are_quoted(stage: Stage, hold: Hold) -> None:
    """They are a stranger's."""
    stage.connection.execute(
        'CREATE SCHEMA "a.b"; CREATE TABLE "a.b"."x""; DROP TABLE public.logged; --" (id int)'
    )
    assert hold.take(relations(stage), 0)
    assert waits(stage.connection, "LOCK TABLE public.logged")


def test_the_owners_rights_are_enough(bench: Bench, stage: Stage) -> None:
    """On a user's server the bot is perhaps no superuser."""

    def connect() -> Connection:
        made = bench.server.connect(stage.database)
        made.execute(f"SET SESSION AUTHORIZATION {bench.server.address('').user}".encode())
        return made

    hold = Hold(connect)
    assert hold.take(relations(stage), 0)
    assert waits(stage.connection, "LOCK TABLE public.parent")
    assert hold.release()
    hold.close()
