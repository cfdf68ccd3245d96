"""The same scenario over every driver, in synchronous and asynchronous environments."""

from __future__ import annotations

from typing import Any

import pytest

ASYNCHRONOUS = """\
import asyncio
from alembic import context
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

engine = create_async_engine("postgresql+{driver}://app:secret@production/app")


def migrate(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def main():
    async with engine.connect() as connection:
        await connection.run_sync(migrate)


asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("driver", "asynchronous"),
    [
        ("psycopg", False),
        ("psycopg2", False),
        ("pg8000", False),
        ("psycopg", True),
        ("asyncpg", True),
    ],
)
def test_scenario(client: Any, repository: Any, driver: str, asynchronous: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Lines, transactions, notices, rows, backends and failures are told alike."""
    if asynchronous:
        repository.write("migrations/env.py", ASYNCHRONOUS.format(driver=driver))
    else:
        ini = (repository.path / "alembic.ini").read_text()
        repository.write("alembic.ini", ini.replace("+psycopg", f"+{driver}"))
    long = "x" * 70
    body = f"""\
op.create_table('t', sa.Column('id', sa.Integer))
op.execute('CREATE TABLE {long} ()')
op.bulk_insert(sa.table('t', sa.column('id')), [{{'id': 1}}, {{'id': 2}}])
op.execute('UPDATE t SET id = id + 1')
"""
    if (
        driver != "pg8000"
    ):  # its autocommit leaves the transaction of SHOW open: Alembic's block fails
        body += """\
with op.get_context().autocommit_block():
    op.create_index('i', 't', ['id'], postgresql_concurrently=True)
op.execute('SELECT 1')"""
    path = repository.revision("a1", None, body, "op.drop_table('t')")
    bad = repository.revision("b2", "a1", "op.execute('ALTER TABLE t ADD CHECK (id > 9)')")
    opened = client.open()
    assert opened["environment"] == "project", opened
    assert opened["versions"]["driver"].startswith(driver)
    reply = client.run(steps=["a1"], trace=True)
    assert reply["ok"], reply
    traced = reply.statements()
    assert {item["path"] for item in traced} == {path}
    expected = [(0, 1), (1, 1), (2, 1), (3, 1), (5, None), (6, 2)][: 4 if driver == "pg8000" else 6]
    assert [(item["line"] - 10, item["transaction"]) for item in traced] == expected
    assert traced[3]["rows"] == 2
    assert [notice["sqlstate"] for item in traced for notice in item["notices"]] == ["42622"]
    assert traced[1]["notices"]
    assert all(item["backend"] for item in traced)
    failed = client.run(steps=["b2"], trace=True)
    assert failed["failure"]["kind"] == "database"
    assert failed["failure"]["sqlstate"] == "23514"
    assert "is violated by some row" in failed["failure"]["message"]
    assert failed["failure"]["statement"] == "ALTER TABLE t ADD CHECK (id > 9)"
    assert (failed["failure"]["path"], failed["failure"]["line"]) == (bad, 10)
    assert failed.statements()[0]["sqlstate"] == "23514"
    down = client.run("downgrade", steps=["a1"])
    assert down["expected_heads"] == []
    other = client.server.create("other")
    assert client.run(steps=["a1"], database=other)["ok"]
