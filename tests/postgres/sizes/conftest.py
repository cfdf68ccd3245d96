"""A server, and a database of a small shop on it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.facts.schema import Schema
from bot.observe.catalogue import Ignore, schema_of, snapshot
from bot.observe.room import Room
from bot.observe.rows.fill import Order, fill
from bot.observe.server import Server, ServerOptions, start_server

SHOP = b"""
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE customers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email varchar(100) NOT NULL UNIQUE,
    age integer CHECK (age BETWEEN 0 AND 150)
);
CREATE TABLE orders (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    customer bigint NOT NULL REFERENCES customers,
    status text NOT NULL,
    notes text,
    placed_at timestamptz NOT NULL
);
CREATE INDEX ix_orders_status ON orders (status);
CREATE TABLE lines (
    customer bigint NOT NULL REFERENCES customers,
    place integer NOT NULL,
    PRIMARY KEY (customer, place)
);
CREATE TABLE followers (
    one bigint NOT NULL REFERENCES customers,
    other bigint NOT NULL REFERENCES customers,
    PRIMARY KEY (one, other)
);
CREATE TABLE visits (customer bigint NOT NULL, day date NOT NULL, mood mood)
    PARTITION BY RANGE (day);
CREATE TABLE visits_2025 PARTITION OF visits FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE visits_2026 PARTITION OF visits FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX ix_visits_customer ON visits (customer);
"""


@dataclass(frozen=True)
class Shop:
    """The server, the database's name, and its schema; its tables hold 200 rows each."""

    server: Server
    database: str
    schema: Schema


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running server of our own."""
    options = ServerOptions(path=os.environ.get("PATH", ""))
    with Room(Path(tempfile.gettempdir())) as room, start_server(options, room) as running:
        yield running


@pytest.fixture
def shop(server: Server) -> Iterator[Shop]:
    """The shop with rows in it."""
    name = server.create("shop")
    with server.connect_as_owner(name) as connection:
        connection.execute(SHOP)
    with server.connect(name) as connection:
        schema = schema_of(snapshot(connection, Ignore(), structure=True))
    names = tuple(table.full_name for table in schema.tables)
    with server.connect_as_owner(name) as connection:
        fill(connection, Order(schema, schema, names, 200))
    yield Shop(server, name, schema)
    server.drop(name)
