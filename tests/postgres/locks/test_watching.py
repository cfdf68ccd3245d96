"""What the watch sees of statements as real migrations send them, with every driver."""

from __future__ import annotations

import pytest

from bot.facts import Seen
from tests.postgres.locks.conftest import Bench, Order
from tests.postgres.locks.ran import CONCURRENTLY, NOT_NULL, effect, statement
from tests.postgres.locks.truth import described

DRIVERS = ("psycopg", "psycopg2", "asyncpg", "pg8000")


@pytest.mark.parametrize("driver", DRIVERS)
def test_statements_in_a_transaction_with_every_driver(bench: Bench, driver: str) -> None:
    """The bot reads on the statement's own connection, whatever the driver."""
    commands = ["SET LOCAL lock_timeout = '1500ms'", NOT_NULL, "UPDATE child SET amount = 5"]
    ran = bench.run(Order(commands, driver=driver))
    assert [(item.seen, described(item.effects)) for item in ran.statements] == [
        (Seen.TRANSACTION, ""),
        (Seen.TRANSACTION, "parent AE scanned"),
        (Seen.TRANSACTION, "child RE scanned ~3"),
    ]
    assert {item.lock_timeout_ms for item in ran.statements} == {1500}
    assert ran.failure is not None
    assert ran.failure.exception == "Undone"


@pytest.mark.parametrize("driver", DRIVERS)
def test_statements_outside_a_transaction_with_every_driver(bench: Bench, driver: str) -> None:
    """A statement in autocommit waits for the bot, and shows the mode that it asks for."""
    engine = {"isolation_level": "AUTOCOMMIT"}
    order = Order([CONCURRENTLY, "SELECT 1"], driver=driver, engine=engine, undo=False)
    ran = bench.run(order)
    assert ran.failure is None
    found = statement(ran, "CREATE INDEX")
    assert (found.transaction, found.seen) == (None, Seen.WAITING)
    assert described(found.effects) == "parent SUE scanned; parent_name created"


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "asyncpg"])
def test_an_autocommit_block_between_two_transactions(bench: Bench, driver: str) -> None:
    """What one transaction counted and locked does not show in the statements after it."""
    order = Order(
        [CONCURRENTLY],
        before=["UPDATE child SET amount = 7", "ALTER TABLE parent ADD x int"],
        alone=True,
        driver=driver,
        undo=False,
    )
    ran = bench.run(order)
    assert ran.failure is None
    assert [(item.transaction, described(item.effects)) for item in ran.statements] == [
        (1, "child RE scanned ~3"),
        (1, "parent AE"),
        (None, "parent SUE scanned; parent_name created"),
    ]


@pytest.mark.parametrize("driver", ["psycopg2", "asyncpg"])
def test_a_commit_in_text_and_an_index_after_it(bench: Bench, driver: str) -> None:
    """The old way to CONCURRENTLY: these drivers send no BEGIN again, so that it works."""
    ran = bench.run(Order(["COMMIT", CONCURRENTLY], driver=driver, undo=False))
    assert ran.failure is None
    found = statement(ran, "CREATE INDEX")
    assert (found.transaction, found.seen) == (None, Seen.WAITING)
    assert described(found.effects) == "parent SUE scanned; parent_name created"


def test_counters_of_an_earlier_transaction_are_not_taken_for_new(bench: Bench) -> None:
    """A backend keeps them for up to a second before it reports them."""
    python = """
op.execute('UPDATE child SET amount = 1')
op.execute('COMMIT')
op.execute('ALTER TABLE child ADD x int')
op.execute('UPDATE child SET x = 1 WHERE id = 1')
"""
    ran = bench.run(Order(python=python, undo=False, driver="psycopg"))
    assert ran.failure is None
    assert [item.transaction for item in ran.statements] == [1, 1, 2, 2]
    assert described(statement(ran, "ALTER TABLE").effects) == "child AE"
    assert effect(ran, "UPDATE child SET x", "child").updated == 1


def test_held_locks_and_what_each_statement_added(bench: Bench) -> None:
    """A mode belongs to the statement that took it; later ones hold it."""
    ran = bench.run(Order([NOT_NULL, "CREATE INDEX i ON parent (name)", "DROP INDEX i"]))
    first, second = effect(ran, "ALTER", "parent"), effect(ran, "CREATE", "parent")
    assert (first.locks, first.held) == (("AccessExclusiveLock",), ())
    assert (second.locks, second.held) == (("ShareLock",), ("AccessExclusiveLock",))
    made = effect(ran, "CREATE", "i")
    assert (made.kind, made.table, made.created, made.existed) == (
        "index",
        "public.parent",
        True,
        False,
    )
    assert effect(ran, "DROP INDEX", "i").dropped


def test_a_savepoint_gives_its_locks_back(bench: Bench) -> None:
    """After ROLLBACK TO a lock is taken anew, and what was undone did not happen."""
    python = f"""
nested = op.get_bind().begin_nested()
op.execute('CREATE TABLE gone (id int PRIMARY KEY)')
op.execute({NOT_NULL!r})
nested.rollback()
op.execute('ALTER TABLE parent ADD x int')
nested = op.get_bind().begin_nested()
op.execute('DROP TABLE logged')
nested.rollback()
op.execute('ALTER TABLE logged ADD x int')
op.execute('ALTER TABLE parent ADD y int')
"""
    ran = bench.run(Order(python=python))
    taken = effect(ran, "ALTER TABLE parent ADD x", "parent")
    assert (taken.locks, taken.held) == (("AccessExclusiveLock",), ())
    assert effect(ran, "DROP TABLE logged", "logged").dropped
    again = effect(ran, "ALTER TABLE logged", "logged")
    assert (again.locks, again.dropped, again.existed) == (("AccessExclusiveLock",), False, True)
    assert statement(ran, "ALTER TABLE parent ADD y").effects == ()
    assert all(item.observed for item in ran.statements)


def test_relations_of_this_change_are_told_from_those_before_it(bench: Bench) -> None:
    """By oid: a table that takes the name of an old one is a new one."""
    commands = [
        "DROP TABLE logged",
        "CREATE TABLE logged (id int)",
        "ALTER TABLE logged ADD x int UNIQUE",
        "ALTER TABLE parent RENAME TO people",
        "ALTER TABLE people ALTER code SET NOT NULL",
    ]
    ran = bench.run(Order(commands))
    assert effect(ran, "DROP TABLE", "logged").existed
    assert not effect(ran, "CREATE TABLE", "logged").existed
    built = effect(ran, "ALTER TABLE logged", "logged_x_key")
    assert (built.constraint, built.existed, built.created) == (True, False, True)
    assert effect(ran, "ALTER TABLE people", "people").existed


def test_an_index_that_a_type_change_rebuilt_existed_before(bench: Bench) -> None:
    """It has another oid afterwards and is still the same one, also for the next statement."""
    change = "ALTER TABLE child ALTER amount TYPE bigint"
    ran = bench.run(Order([change, "DROP INDEX child_note"]))
    rebuilt = effect(ran, "ALTER TABLE", "child_note")
    assert (rebuilt.rewritten, rebuilt.created, rebuilt.existed) == (True, False, True)
    assert effect(ran, "DROP INDEX", "child_note").existed


def test_relations_dropped_by_cascade_are_named(bench: Bench) -> None:
    """Also those that no earlier statement touched, with their kinds and tables."""
    ran = bench.run(Order(["DROP TABLE parent CASCADE"]))
    dropped = {item.relation: item for item in ran.statements[0].effects if item.dropped}
    assert {name: item.kind for name, item in dropped.items()} == {
        "public.kept": "materialized view",
        "public.kept_id": "index",
        "public.parent": "table",
        "public.parent_pkey": "index",
        "public.seen": "view",
    }
    assert dropped["public.kept_id"].table == "public.kept"


def test_batch_alter_table(bench: Bench) -> None:
    """A table that Alembic moves and copies shows on the line of the batch that did it."""
    python = """
with op.batch_alter_table('logged', recreate='always') as batch:
    batch.alter_column('name', type_=sa.String(5))
"""
    ran = bench.run(Order(python=python))
    drop = effect(ran, "\nDROP TABLE logged", "logged")
    assert (drop.dropped, drop.existed) == (True, True)
    copy = statement(ran, "INSERT INTO _alembic_tmp_logged")
    assert {item.relation: item.inserted for item in copy.effects} == {
        "public._alembic_tmp_logged": 3,
        "public.logged": 0,
    }


def test_several_sets_of_parameters(bench: Bench) -> None:
    """One statement, with all its rows."""
    python = """
table = sa.table('logged', sa.column('id'), sa.column('name'))
op.get_bind().execute(
    sa.text('INSERT INTO logged VALUES (:id, :name)'),
    [{'id': n, 'name': 'x'} for n in range(20)],
)
"""
    ran = bench.run(Order(python=python))
    (sent,) = ran.statements
    assert sent.many == 20
    assert described(sent.effects) == "logged RE +20"


def test_rows_written_past_sqlalchemy_belong_to_no_statement(bench: Bench) -> None:
    """COPY on the driver's own cursor is seen by nobody, and not laid to the next statement."""
    python = """
cursor = op.get_bind().connection.cursor()
with cursor.copy('COPY logged FROM STDIN') as copy:
    copy.write_row((7, 'x'))
op.execute('ALTER TABLE logged ADD x int')
"""
    ran = bench.run(Order(python=python, driver="psycopg"))
    assert described(statement(ran, "ALTER TABLE").effects) == "logged AE"


def test_a_statement_that_fails_in_a_transaction(bench: Bench) -> None:
    """Its locks are gone with the error: that is said, and the timeouts are known."""
    commands = ["SET LOCAL lock_timeout = '2s'", "ALTER TABLE child ALTER note SET NOT NULL; ROLL"]
    ran = bench.run(Order(commands))
    failed = ran.statements[-1]
    assert failed.sqlstate == "42601"
    assert (failed.seen, failed.effects, failed.lock_timeout_ms) == (Seen.NOT, (), 2000)
    assert failed.unseen == "it failed, and PostgreSQL gave its locks back at once"


def test_a_failed_concurrent_build_leaves_its_index(bench: Bench) -> None:
    """Outside a transaction a statement that fails is seen all the same."""
    build = "CREATE UNIQUE INDEX CONCURRENTLY parent_code ON parent (code)"
    failed = bench.run(Order([build], alone=True)).statements[-1]
    assert (failed.sqlstate, failed.seen) == ("23505", Seen.WAITING)
    assert described(failed.effects) == "parent SUE scanned; parent_code created"


def test_concurrently_inside_a_transaction(bench: Bench) -> None:
    """It fails before it locks anything."""
    failed = bench.run(Order([CONCURRENTLY])).statements[-1]
    assert (failed.sqlstate, failed.seen) == ("25001", Seen.NOT)


@pytest.mark.parametrize("text", ["ALTER TABLE parent ADD x int; COMMIT", "COMMIT; SELECT 1"])
def test_a_text_that_ends_its_transaction(bench: Bench, text: str) -> None:
    """Its locks went with the transaction: it is not said that there were none."""
    ran = bench.run(Order([text], driver="psycopg", undo=False, before=["SELECT 2"]))
    found = statement(ran, text)
    assert (found.seen, found.effects) == (Seen.NOT, ())
    assert found.unseen == "it ended its own transaction, and with it its locks"


def test_transaction_control_needs_no_reading(bench: Bench) -> None:
    """SET TRANSACTION must come first of all: no query of the bot comes before it."""
    python = """
op.execute('COMMIT')
op.execute('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE')
op.execute('ALTER TABLE parent ADD x int')
"""
    ran = bench.run(Order(python=python, undo=False, driver="psycopg"))
    assert ran.failure is None
    assert [item.seen for item in ran.statements] == [Seen.TRANSACTION] * 3
    assert described(ran.statements[-1].effects) == "parent AE"
