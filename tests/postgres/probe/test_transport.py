"""Further parameters of the user's URL reach the connections of the target's code."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

ENVIRONMENT = """\
import asyncio
from alembic import context
from sqlalchemy import create_engine

URL = "postgresql+{driver}://app:secret@production/app?{query}"


def migrate(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def main():
    from sqlalchemy.ext.asyncio import create_async_engine
    async with create_async_engine(URL).connect() as connection:
        await connection.run_sync(migrate)


if "asyncpg" in URL:
    asyncio.run(main())
else:
    with create_engine(URL).connect() as connection:
        migrate(connection)
"""


def forward(source: socket.socket, target: socket.socket) -> None:
    """Copy what comes until the end."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@pytest.fixture
def port(server: Any) -> Iterator[int]:
    """A port that leads to the server's socket, on which there is no TLS."""
    address = server.address("postgres")
    path = f"{address.host}/.s.PGSQL.{address.port}"
    made: list[socket.socket] = []

    def serve() -> None:
        with contextlib.suppress(OSError):  # the listener was closed
            while True:
                near, _ = listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(path)
                made.extend((near, far))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=forward, args=pair, daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)
    for end in made:
        end.close()


@pytest.mark.parametrize("driver", ["psycopg", "psycopg2", "asyncpg", "pg8000"])
def test_transport(client: Any, repository: Any, port: int, driver: str) -> None:
    """A server that must be reached by TLS is not reached without, whatever the project's URL."""
    query = "sslmode=disable" if driver.startswith("psycopg") else ""
    repository.write("migrations/env.py", ENVIRONMENT.format(driver=driver, query=query))
    repository.revision("a1")
    there = client.server.address("postgres")
    address = {
        "host": "127.0.0.1",
        "port": port,
        "user": there.user,
        "password": there.password,
        "database": client.server.create("transport"),
    }
    opened = client.open(address=address)
    assert opened["environment"] == "project", opened
    assert opened["versions"]["driver"].startswith(driver)
    assert client.run(database=address["database"])["ok"]
    refused = client.open(address={**address, "parameters": {"sslmode": "require"}})
    assert not refused["ok"]
    assert "SSL" in refused["failure"]["message"]
