"""The watch and the target's session leave each other alone: settings, cursors, limits, threads."""

from __future__ import annotations

import pytest

from bot.facts import FailureKind, Seen
from tests.postgres.locks.conftest import Bench, Order
from tests.postgres.locks.ran import CONCURRENTLY, NOT_NULL, statement
from tests.postgres.locks.truth import described


@pytest.mark.parametrize(
    ("order", "lock_timeout"),
    [
        (Order([NOT_NULL]), 0),
        (Order([NOT_NULL], settings=["SET lock_timeout = '4s'"]), 4000),
        (
            Order(
                [NOT_NULL],
                driver="psycopg",
                engine={"connect_args": {"options": "-c lock_timeout=250"}},
            ),
            250,
        ),
        (
            Order(
                [NOT_NULL],
                driver="asyncpg",
                engine={"connect_args": {"server_settings": {"lock_timeout": "1min"}}},
            ),
            60_000,
        ),
        (Order(["SET LOCAL lock_timeout = '3s'; " + NOT_NULL], driver="psycopg"), 3000),
        (Order(["SELECT set_config('lock_timeout', '2s', true)", NOT_NULL]), 2000),
    ],
)
def test_the_lock_timeout_in_force(bench: Bench, order: Order, lock_timeout: float) -> None:
    """From env.py, the connection, the statement itself: what counts is what was in force."""
    found = bench.run(order).statements[-1]
    assert (found.lock_timeout_ms, found.statement_timeout_ms) == (lock_timeout, 0)


def test_the_lock_timeout_of_the_role(bench: Bench) -> None:
    """A setting that the role brings along counts too."""
    role = bench.server.address("").user
    stage = bench.stage()
    stage.connection.execute(
        f"ALTER ROLE {role} IN DATABASE \"{stage.database}\" SET lock_timeout = '7s'".encode()
    )
    ran = bench.run_on(stage, Order([NOT_NULL]))
    assert ran.statements[-1].lock_timeout_ms == 7000
    stage.leave()
    bench.server.drop(stage.database)


def test_a_short_statement_timeout_keeps_the_bot_away(bench: Bench) -> None:
    """A reading that ran into it would fail the migration: better not to see."""
    ran = bench.run(Order(["SET LOCAL statement_timeout = '200ms'", NOT_NULL, "SELECT 1"]))
    found = statement(ran, "ALTER TABLE")
    assert found.seen is Seen.NOT
    assert found.unseen is not None
    assert found.unseen.startswith("statement_timeout is 200 ms")
    assert found.statement_timeout_ms == 200


def test_a_short_lock_timeout_outside_a_transaction(bench: Bench) -> None:
    """Where waiting for the bot could fail the statement, it does not have to wait."""
    settings = ["SET lock_timeout = '60ms'"]
    ran = bench.run(Order([CONCURRENTLY], alone=True, settings=settings))
    found = statement(ran, "CREATE INDEX")
    assert found.sqlstate is None
    assert found.seen is not Seen.WAITING
    assert found.unseen is not None
    assert "public.parent_name" in {item.relation for item in found.effects}


def test_the_targets_own_settings_do_not_disturb_the_reading(bench: Bench) -> None:
    """Search path, role, row factories: the reading needs none of them and leaves them alone."""
    python = """
connection = op.get_bind()
connection.exec_driver_sql('CREATE SCHEMA pg; SET LOCAL search_path = pg, public, pg_catalog')
connection.exec_driver_sql('CREATE TABLE pg_class (id int)')
connection.exec_driver_sql('CREATE FUNCTION now() RETURNS int LANGUAGE sql RETURN 1')
connection.exec_driver_sql('ALTER TABLE public.parent ADD x int')
assert connection.exec_driver_sql('SHOW search_path').scalar() == 'pg, public, pg_catalog'
result = connection.exec_driver_sql('SELECT id FROM public.child ORDER BY id')
assert [row[0] for row in result] == [1, 2, 3]
returned = connection.exec_driver_sql('UPDATE public.child SET amount = 1 RETURNING id')
assert (returned.rowcount, len(returned.fetchall())) == (3, 3)
"""
    order = Order(python=python, driver="psycopg")
    ran = bench.run(order)
    assert ran.failure is not None
    assert ran.failure.exception == "Undone", ran.failure
    assert described(statement(ran, "ALTER TABLE").effects) == "parent AE"
    assert described(statement(ran, "CREATE TABLE").effects) == "pg.pg_class AE created"


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2"])
def test_row_factories(bench: Bench, driver: str) -> None:
    """Rows as dictionaries are the target's choice; the bot takes plain ones."""
    python = {
        "psycopg": """
from psycopg.rows import dict_row
op.get_bind().connection.dbapi_connection.row_factory = dict_row
""",
        "psycopg2": """
from psycopg2.extras import RealDictCursor
op.get_bind().connection.dbapi_connection.cursor_factory = RealDictCursor
""",
    }[driver]
    ran = bench.run(Order(python=f"{python}\nop.execute({NOT_NULL!r})", driver=driver))
    assert described(statement(ran, "ALTER TABLE").effects) == "parent AE scanned"


def test_a_cursor_on_the_server_survives(bench: Bench) -> None:
    """Rows that are still to be fetched are not lost to the reading."""
    python = """
connection = op.get_bind()
rows = connection.execution_options(stream_results=True, max_row_buffer=1).exec_driver_sql(
    'SELECT id FROM parent ORDER BY id'
)
for number, row in enumerate(rows, 1):
    connection.execution_options(stream_results=False).exec_driver_sql(
        'UPDATE logged SET name = name || id WHERE id = ' + str(row[0])
    )
assert number == 3
"""
    ran = bench.run(Order(python=python, driver="psycopg2"))
    assert ran.failure is not None
    assert ran.failure.exception == "Undone", ran.failure
    updates = [item for item in ran.statements if item.sql.startswith("UPDATE")]
    assert [item.effects[0].updated for item in updates] == [1, 1, 1]


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "pg8000"])
def test_prepared_statements_are_the_targets(bench: Bench, driver: str) -> None:
    """It may throw away all there are: none of the bot's is among them."""
    python = f"""
for number in range(8):
    op.get_bind().exec_driver_sql('SELECT 1')
op.execute('DEALLOCATE ALL')
op.execute({NOT_NULL!r})
"""
    ran = bench.run(Order(python=python, driver=driver))
    assert described(statement(ran, "ALTER TABLE").effects) == "parent AE scanned"


def test_a_table_lock_of_the_target_does_not_stop_the_bot(bench: Bench) -> None:
    """The catalogue can be read whatever a migration locks."""
    ran = bench.run(Order(["LOCK TABLE parent, child, alembic_version", NOT_NULL], undo=True))
    assert described(statement(ran, "ALTER TABLE").effects) == "parent scanned"


def test_the_version_table_never_appears(bench: Bench) -> None:
    """It is Alembic's, whoever touches it."""
    ran = bench.run(Order(["SELECT * FROM alembic_version", "LOCK TABLE alembic_version"]))
    assert [item.effects for item in ran.statements] == [(), ()]


def test_only_so_many_statements_are_watched(bench: Bench) -> None:
    """What came after the limit says so; it is not said to have done nothing."""
    python = """
for number in range(1010):
    op.get_bind().exec_driver_sql('SELECT 1')
"""
    ran = bench.run(Order(python=python))
    assert len(ran.statements) == 1010
    assert ran.statements[999].seen is Seen.TRANSACTION
    assert ran.statements[1000].seen is Seen.NOT
    assert ran.statements[1000].unseen == "only the first 1000 statements of a run are watched"


def test_a_statement_in_another_thread(bench: Bench) -> None:
    """Two connections at once are two backends, each with its own locks."""
    python = """
import threading
engine = op.get_bind().engine

def work():
    with engine.connect() as other:
        other.exec_driver_sql('LOCK TABLE logged IN SHARE MODE')
        other.rollback()

op.execute('ALTER TABLE parent ADD x int')
thread = threading.Thread(target=work)
thread.start()
thread.join()
op.execute('ALTER TABLE parent ADD y int')
"""
    ran = bench.run(Order(python=python))
    assert described(statement(ran, "ALTER TABLE parent ADD x").effects) == "parent AE"
    assert statement(ran, "ALTER TABLE parent ADD y").effects == ()


def test_a_forked_process_of_the_target_stays_silent(bench: Bench) -> None:
    """It inherits the pipe, and takes nothing from it."""
    python = """
import os
child = os.fork()
if child == 0:
    try:
        op.get_bind().engine.connect().exec_driver_sql('SELECT 1')
    finally:
        os._exit(0)
os.waitpid(child, 0)
op.execute('ALTER TABLE parent ADD x int')
"""
    ran = bench.run(Order(python=python))
    assert described(statement(ran, "ALTER TABLE").effects) == "parent AE"


def test_a_statement_that_never_ends_does_not_hang_the_bot(bench: Bench) -> None:
    """Outside a transaction the bot looks on, and the deadline ends it all the same."""
    stage = bench.stage()
    holder = bench.server.connect(stage.database)
    holder.execute("BEGIN; LOCK TABLE public.parent")
    stage.remaining = lambda: 3.0
    settings = ["SET lock_timeout = '500ms'"]
    ran = bench.run_on(stage, Order([CONCURRENTLY], alone=True, settings=settings))
    holder.close()
    stage.leave()
    bench.server.drop(stage.database)
    assert ran.failure is not None
    assert ran.failure.kind is FailureKind.DATABASE
    assert ran.failure.sqlstate == "55P03"
