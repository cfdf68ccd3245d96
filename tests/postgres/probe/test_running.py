"""The probe runs revisions on a real PostgreSQL and tells what happened."""

from __future__ import annotations

from typing import Any

TABLE = 'op.create_table("t", sa.Column("id", sa.Integer), sa.Column("name", sa.Text))'
FIRST = 10  # the line of the first statement of upgrade() in a generated revision


def test_up_and_down(client: Any, repository: Any) -> None:
    """Explicit steps run in order, through env.py, on the scratch database."""
    repository.revision("a1", None, TABLE, 'op.drop_table("t")')
    repository.revision("b2", "a1", 'op.execute("CREATE INDEX i ON t (id)")', 'op.drop_index("i")')
    opened = client.open()
    assert opened["environment"] == "project"
    assert [item["revision"] for item in opened["chain"]["revisions"]] == ["a1", "b2"]
    assert opened["chain"]["heads"] == ["b2"]
    assert opened["versions"]["driver"].startswith(f"{repository.driver} ")
    up = client.run(steps=["a1", "b2"])
    assert up["ok"]
    assert up["stepped"] == ["a1", "b2"]
    assert (up["statements"], up.events) == (2, [])
    assert client.query("SELECT version_num FROM alembic_version") == [("b2",)]
    down = client.run("downgrade", steps=["b2"])
    assert down["expected_heads"] == ["a1"]
    assert client.query("SELECT version_num FROM alembic_version") == [("a1",)]


def test_targets(client: Any, repository: Any) -> None:
    """Heads and base go all the way, by Alembic's own choice of steps."""
    repository.revision("a1", None, TABLE, 'op.drop_table("t")')
    repository.revision("b2", "a1")
    repository.revision("c3", "a1", extra='depends_on = "b2"')
    opened = client.open()
    assert opened["chain"]["heads"] == ["b2", "c3"]
    assert opened["chain"]["real_heads"] == ["c3"]
    up = client.run()
    assert up["stepped"][0] == "a1"
    stamped = [row[0] for row in client.query("SELECT version_num FROM alembic_version ORDER BY 1")]
    assert up["expected_heads"] == stamped == ["c3"]
    down = client.run("downgrade")
    assert down["expected_heads"] == []
    assert client.query("SELECT version_num FROM alembic_version") == []


def test_another_database(client: Any, repository: Any) -> None:
    """Each operation goes to its own database, also over an engine that lives in a module."""
    repository.write(
        "engine.py",
        "import sqlalchemy as sa\n"
        "engine = sa.create_engine('postgresql+psycopg://u@production/x', pool_size=3)\n",
    )
    env = """\
from alembic import context
from engine import engine
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
    repository.write("migrations/env.py", env)
    repository.revision("a1", None, TABLE, 'op.drop_table("t")')
    assert client.open()["environment"] == "project"
    other = client.server.create("other")
    assert client.run()["ok"]
    assert client.run(database=other)["ok"]
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    assert client.query(tables) == client.query(tables, other) == [(2,)]


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
    assert traced[-1]["parameters"][:2] == ["int", "str"]


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


def test_failing_statement(client: Any, repository: Any) -> None:
    """A refused statement has its SQLSTATE, message, SQL and line; nothing of the run stays."""
    repository.revision("a1", None, TABLE)
    path = repository.revision("b2", "a1", "x = 1\nop.execute('ALTER TABLE nothing ADD a int')")
    client.open()
    reply = client.run()
    assert not reply["ok"]
    assert reply["failure"] == {
        "kind": "database",
        "message": 'relation "nothing" does not exist',
        "exception": "UndefinedTable",
        "sqlstate": "42P01",
        "statement": "ALTER TABLE nothing ADD a int",
        "path": path,
        "line": FIRST + 1,
    }
    assert reply["revision"] == "b2"
    assert reply["stepped"] == ["a1"]
    assert client.query("SELECT count(*) FROM pg_tables WHERE tablename = 't'") == [(0,)]


def test_refused_downgrade(client: Any, repository: Any) -> None:
    """A deliberate raise in downgrade is a refusal; an accident is not."""
    repository.revision("a1", None, back="raise NotImplementedError")
    repository.revision("b2", "a1", back="raise RuntimeError('no way back')")
    path = repository.revision("c3", "b2", back="None.nothing")
    client.open()
    assert client.run()["ok"]
    accident = client.run("downgrade", steps=["c3"])
    assert accident["failure"]["kind"] == "python"
    assert accident["failure"]["path"] == path
    assert client.run("downgrade", steps=["b2"])["failure"]["kind"] == "refused"
    assert client.run("downgrade", steps=["a1"])["failure"]["kind"] == "refused"


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
    assert [item["transaction"] for item in reply.statements()] == [1, None, 2, 2, 3]


def test_notices(client: Any, repository: Any) -> None:
    """Notices of the server come with the statement that caused them."""
    name = "x" * 70
    repository.revision("a1", None, f"op.execute('SELECT 1')\nop.execute('CREATE TABLE {name} ()')")
    client.open()
    first, second = client.run(trace=True).statements()
    assert first["notices"] == []
    assert [item["sqlstate"] for item in second["notices"]] == ["42622"]


def test_swallowed_error(client: Any, repository: Any) -> None:
    """An env.py that catches everything does not hide what happened."""
    env = (repository.path / "migrations/env.py").read_text()
    body = "".join(f"    {line}\n" for line in env.splitlines())
    repository.write("migrations/env.py", f"try:\n{body}except Exception:\n    pass\n")
    repository.revision("a1", None, "op.execute('SELECT nothing')")
    client.open()
    reply = client.run()
    assert reply["ok"]
    assert reply["stepped"] == []
    assert reply["swallowed"]["sqlstate"] == "42703"


def test_missing_downgrade(client: Any, repository: Any) -> None:
    """A revision without the function fails in words, not with an AttributeError."""
    path = repository.revision("a1")
    text = (repository.path / path).read_text().partition("def downgrade")[0]
    repository.write(path, text)
    client.open()
    client.run()
    reply = client.run("downgrade")
    assert reply["failure"]["message"] == "there is no downgrade() in this revision"
    assert reply["failure"]["path"] == path


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


def test_create_all(client: Any, repository: Any) -> None:
    """The models are created, schemas too, and the heads stamped."""
    repository.write(
        "models.py",
        "import sqlalchemy as sa\n"
        "metadata = sa.MetaData()\n"
        "sa.Table('a', metadata, sa.Column('id', sa.Integer))\n"
        "other = sa.MetaData(schema='far')\n"
        "sa.Table('b', other, sa.Column('id', sa.Integer))\n",
    )
    env = (repository.path / "migrations/env.py").read_text()
    env = "import models\n" + env.replace(
        "target_metadata = None", "target_metadata = [models.metadata, models.other]"
    )
    repository.write("migrations/env.py", env)
    repository.revision("a1")
    repository.revision("b2", "a1")
    opened = client.open()
    assert opened["has_metadata"]
    reply = client.ask("create_all", database=client.database)
    assert reply["ok"], reply
    assert reply["expected_heads"] == ["b2"]
    assert client.query("SELECT version_num FROM alembic_version") == [("b2",)]
    assert client.query("SELECT count(*) FROM far.b") == [(0,)]


def test_process_that_ends(client: Any, repository: Any) -> None:
    """os._exit in a revision is answered in its place; the session then is over."""
    repository.revision("a1", None, "import os\nos._exit(7)")
    client.open()
    reply = client.run()
    assert reply["failure"]["kind"] == "killed"
    assert reply["failure"]["message"] == "the process ended with status 7"


def test_noise(client: Any, repository: Any) -> None:
    """What the target prints does not disturb the protocol."""
    repository.revision(
        "a1",
        None,
        "print('{\"id\": 2}' * 1000)\nimport subprocess\nsubprocess.run(['echo', 'x'], check=True)",
    )
    client.open()
    assert client.run()["ok"]


def test_branches_in_any_order(client: Any, repository: Any) -> None:
    """A merge goes up and down step by step."""
    repository.revision("a1")
    repository.revision("b2", "a1")
    repository.revision("b3", "a1")
    repository.revision("c4", ("b2", "b3"))
    client.open()
    up = client.run(steps=["a1", "b3", "b2", "c4"])
    assert up["expected_heads"] == ["c4"]
    down = client.run("downgrade", steps=["c4", "b3"])
    assert down["ok"], down
    stamped = client.query("SELECT version_num FROM alembic_version")
    assert down["expected_heads"] == [row[0] for row in stamped] == ["b2"]


def test_opening_again(client: Any, repository: Any) -> None:
    """A second open starts afresh, here with the built-in environment."""
    repository.revision("a1", None, TABLE)
    assert client.open()["environment"] == "project"
    assert client.open(mode="builtin")["environment"] == "builtin"
    reply = client.run(trace=True)
    assert reply["ok"]
    assert reply.statements()[0]["line"] == FIRST
    assert client.query("SELECT version_num FROM alembic_version") == [("a1",)]


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
