"""Servers for these tests: the embedded wheel's and those of the machine."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from bot.observe.room import Room
from bot.observe.server import Address, Server, ServerOptions, start_server
from bot.observe.server.binaries import on_machine

MAJORS = [None, *sorted({found.major for found in on_machine(os.environ.get("PATH", ""))})]
SHORT = Path(tempfile.gettempdir())  # pytest's own folders make socket paths too long


@pytest.fixture
def room() -> Iterator[Room]:
    """A room of this test alone."""
    with Room(SHORT) as made:
        yield made


@pytest.fixture(scope="module", params=MAJORS, ids=lambda major: major or "embedded")
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server of our own, of every version that is here."""
    with Room(SHORT) as made, start_server(ServerOptions(major=request.param), made) as started:
        yield started


@pytest.fixture
def as_owner() -> Callable[[Address], psycopg.Connection]:
    """Connects as the target's code would."""
    return login


def login(address: Address) -> psycopg.Connection:
    """A connection to the address, in autocommit mode."""
    return psycopg.connect(
        host=address.host,
        port=address.port,
        user=address.user,
        password=address.password,
        dbname=address.database,
        autocommit=True,
    )
