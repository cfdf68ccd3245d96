"""`python -m bench.rows`: the share of tables that made up rows can be put into.

Without arguments for the schemas that the fixtures start from; else for the given SQL files (what
`pg_dump --schema-only` writes). Every table that stays empty is named with the reason.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.facts.rows import Unfilled
from bot.observe.catalogue import Ignore, schema_of, snapshot
from bot.observe.room import Room
from bot.observe.rows.fill import Order, fill
from bot.observe.rows.seed import run
from bot.observe.server import Server, ServerOptions, start_server

_FIXTURES = Path(__file__).parents[1] / "fixtures/pull_requests"


@dataclass(frozen=True)
class Share:
    """How many tables of one schema were filled, in how many seconds, and which were not."""

    name: str
    filled: int
    seconds: float
    unfilled: tuple[Unfilled, ...]

    @property
    def tables(self) -> int:
        """All of them, partitions left out."""
        return self.filled + len(self.unfilled)


def main() -> None:
    """Fill every schema and print the shares."""
    parser = argparse.ArgumentParser(prog="python -m bench.rows", description=__doc__)
    parser.add_argument("schema", nargs="*", type=Path)
    parser.add_argument("--rows", type=int, default=100)
    asked = parser.parse_args()
    files = asked.schema or sorted(_FIXTURES.glob("*/start.sql"))
    options = ServerOptions(path=os.environ.get("PATH", ServerOptions.path))
    with Room(Path(tempfile.gettempdir())) as room, start_server(options, room) as server:
        found = list(shares(server, files, asked.rows))
    for item in found:
        for table in item.unfilled:
            print(f"{item.name}: {table.table} stays empty: {table.reason}")
    tables = sum(item.tables for item in found)
    filled = sum(item.filled for item in found)
    seconds = sum(item.seconds for item in found)
    share = 100 * filled / max(tables, 1)
    print(
        f"{filled} of {tables} tables in {len(found)} schemas filled ({share:.1f} %),"
        f" {asked.rows} rows each, {1000 * seconds / max(tables, 1):.1f} ms a table"
    )


def shares(server: Server, files: list[Path], rows: int) -> Iterator[Share]:
    """One after the other, each in a database of its own."""
    for path in files:
        database = server.create("share")
        with server.connect_as_owner(database) as connection:
            for fault in run(connection, path.read_text("utf-8")):
                print(f"{path}:{fault.line}: {fault.reason}")
        with server.connect(database) as connection:
            schema = schema_of(snapshot(connection, Ignore(), structure=True))
        names = tuple(table.full_name for table in schema.tables)
        with server.connect_as_owner(database) as connection:
            began = time.perf_counter()
            held = fill(connection, Order(schema, schema, names, rows))
            seconds = time.perf_counter() - began
        server.drop(database)
        name = path.parent.name if path.name == "start.sql" else path.stem
        yield Share(name, len(held.filled), seconds, held.unfilled)


if __name__ == "__main__":
    main()
