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
