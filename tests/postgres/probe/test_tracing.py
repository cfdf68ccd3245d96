"""Every statement of a traced run is told with its line, transaction, rows and notices."""

from __future__ import annotations

from typing import Any

from tests.postgres.probe.conftest import DRIVER

TABLE = 'op.create_table("t", sa.Column("id", sa.Integer), sa.Column("name", sa.Text))'
FIRST = 10  # the line of the first statement of upgrade() in a generated revision


def test_lines_of_statements(client: Any, repository: Any) -> None:
    """Calls of op, raw connections, loops and helpers are traced to the revision's line."""
    repository.write("helper.py", "def add(op):\n    op.execute('SELECT 3')\n")
    body = """\
op.execute('SELECT 1')
op.get_bind().execute(sa.text('SELECT 2'))
for name in ('a', 'b'):
    op.add_column('t', sa.Column(name, sa.Integer))
import helper
helper.add(op)
table = sa.table('t', sa.column('id'), sa.column('name'))
op.bulk_insert(table, [{'id': 1, 'name': 'x'}, {'id': 2, 'name': 'y'}])"""
    path = repository.revision("a1", None, TABLE)
    path = repository.revision("b2", "a1", body)
    client.open()
    client.run(steps=["a1"])
    traced = client.run(steps=["b2"], trace=True).statements()
    assert {item["path"] for item in traced} == {path}
    assert [item["line"] - FIRST for item in traced] == [0, 1, 3, 3, 5, 7]
    assert {item["transaction"] for item in traced} == {1}
    # Two sets of parameters, or (psycopg2 in SQLAlchemy 2.0) one statement with two rows of VALUES.
    assert traced[-1]["many"] == 2 or traced[-1]["sql"].count("(%") == 2
    assert traced[-1]["rows"] == 2
    assert set(traced[-1]["parameters"]) == {"int", "str"}


def test_lines_of_batch_operations(client: Any, repository: Any) -> None:
    """What a batch runs at its end belongs to the lines that recorded it, also when it fails."""
    repository.revision("a1", None, TABLE)
    body = """\
with op.batch_alter_table('t') as batch:
    batch.add_column(sa.Column('a', sa.Integer))
    batch.alter_column('name', nullable=False)
    batch.drop_column('absent')
    batch.add_column(sa.Column('b', sa.Integer))"""
    path = repository.revision("b2", "a1", body)
    client.open()
    client.run(steps=["a1"])
    reply = client.run(steps=["b2"], trace=True)
    assert [item["line"] - FIRST for item in reply.statements()] == [1, 2, 3]
    assert reply.statements()[-1]["sqlstate"] == "42703"
    assert reply["failure"]["sqlstate"] == "42703"
    assert (reply["failure"]["path"], reply["failure"]["line"]) == (path, FIRST + 3)


def test_autocommit_block(client: Any, repository: Any) -> None:
    """Statements in an autocommit block have no transaction; those after it have the next one."""
    body = """\
op.execute('SELECT 1')
with op.get_context().autocommit_block():
    op.create_index('i', 't', ['id'], postgresql_concurrently=True)
op.execute('SELECT 2')
op.execute('COMMIT')
op.execute('SELECT 3')"""
    repository.revision("a1", None, TABLE)
    repository.revision("b2", "a1", body)
    client.open()
    client.run(steps=["a1"])
    reply = client.run(steps=["b2"], trace=True)
    assert reply["ok"], reply
    # After a COMMIT in text psycopg opens the next transaction; psycopg2 does not know of it.
    last = None if DRIVER == "psycopg2" else 3
    assert [item["transaction"] for item in reply.statements()] == [1, None, 2, 2, last]


def test_notices(client: Any, repository: Any) -> None:
    """Notices of the server come with the statement that caused them."""
    name = "x" * 70
    repository.revision("a1", None, f"op.execute('SELECT 1')\nop.execute('CREATE TABLE {name} ()')")
    client.open()
    first, second = client.run(trace=True).statements()
    assert first["notices"] == []
    assert [item["sqlstate"] for item in second["notices"]] == ["42622"]


def test_statement_of_env(client: Any, repository: Any) -> None:
    """A lock_timeout that env.py sets is told, with no revision; Alembic's own SQL is not."""
    env = (repository.path / "migrations/env.py").read_text()
    env = env.replace("engine.connect()", "engine.begin()")
    env = env.replace(
        "    context.configure(",
        "    connection.execute(__import__('sqlalchemy').text('SET lock_timeout = 5'))\n"
        "    context.configure(",
    )
    repository.write("migrations/env.py", env)
    repository.revision("a1", None, TABLE)
    opened = client.open()
    assert opened["environment"] == "project", opened
    traced = client.run(trace=True).statements()
    assert [(item["revision"], item["path"]) for item in traced] == [
        (None, "migrations/env.py"),
        ("a1", "migrations/versions/a1_x.py"),
    ]


def test_many_statements(client: Any, repository: Any) -> None:
    """Events stop after 5,000 statements; the count goes on; long SQL is cut."""
    body = """\
op.execute('SELECT ' + repr('x' * 70000))
for i in range(5100):
    op.get_bind().execute(sa.text('SELECT 1'))"""
    repository.revision("a1", None, body)
    client.open()
    reply = client.run(trace=True)
    assert reply["statements"] == 5101
    assert len(reply.statements()) == 5000
    assert reply.statements()[0]["cut"]
    assert len(reply.statements()[0]["sql"]) == 65_536
