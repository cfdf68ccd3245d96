"""`make bench-estimates`: how long operations were estimated to take, and how long they then took.

The estimate is made as a review makes it: two tables of at most 100,000 rows are timed, and the
time is carried over to the rows and bytes of the large one. Then the large one is filled and the
operation is run on it, each in a transaction that is rolled back.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from psycopg import Connection

from bench.estimates_page import RESULTS, Result, errors, median
from bot.explain.statements.estimates import estimated
from bot.facts.schema import Schema
from bot.facts.sizes import Size, Work
from bot.observe.catalogue import Ignore, schema_of, snapshot
from bot.observe.costs.grow import grow, size_of
from bot.observe.costs.measure import SEED_ROWS, Site, timed
from bot.observe.costs.wanted import Key, Wanted
from bot.observe.room import Room
from bot.observe.rows.fill import Order, fill
from bot.observe.server import Server, ServerOptions, start_server

START = Path(__file__).with_name("estimates_start.sql")
_WIDTH = {"public.wide": 420.0, "public.narrow": 0.0}  # bytes a row; 0: as they are made
_LARGEST = {"public.wide": 6, "public.narrow": 7}  # powers of ten
_PATIENCE = 120.0  # seconds for the measurements of one size


@dataclass(frozen=True)
class Operation:
    """One statement that blocks, and the work that it is."""

    table: str
    work: Work
    sql: str


OPERATIONS = (
    Operation("public.narrow", Work.INDEX, "CREATE INDEX ON narrow (kind)"),
    Operation("public.narrow", Work.INDEX, "CREATE INDEX ON narrow (code)"),
    Operation("public.narrow", Work.INDEX, "ALTER TABLE narrow ADD UNIQUE (at, id)"),
    Operation("public.narrow", Work.SCAN, "ALTER TABLE narrow ALTER kind SET NOT NULL"),
    Operation("public.narrow", Work.SCAN, "ALTER TABLE narrow ADD CHECK (kind <> -1)"),
    Operation("public.narrow", Work.REWRITE, "ALTER TABLE narrow ALTER kind TYPE bigint"),
    Operation(
        "public.narrow",
        Work.REWRITE,
        "ALTER TABLE narrow ADD token uuid NOT NULL DEFAULT gen_random_uuid()",
    ),
    Operation("public.wide", Work.INDEX, "CREATE INDEX ON wide (at)"),
    Operation("public.wide", Work.INDEX, "CREATE INDEX ON wide (lower(title))"),
    Operation("public.wide", Work.SCAN, "ALTER TABLE wide ALTER notes SET NOT NULL"),
    Operation("public.wide", Work.SCAN, "ALTER TABLE wide ADD CHECK (amount <> -1)"),
    Operation(
        "public.wide",
        Work.SCAN,
        "ALTER TABLE wide ADD FOREIGN KEY (kind) REFERENCES kinds ON DELETE CASCADE",
    ),
    Operation("public.wide", Work.REWRITE, "ALTER TABLE wide ALTER amount TYPE numeric(14, 4)"),
    Operation(
        "public.wide",
        Work.REWRITE,
        "ALTER TABLE wide ADD caption text GENERATED ALWAYS AS (upper(title)) STORED",
    ),
    Operation("public.wide", Work.ROWS, "UPDATE wide SET amount = 0"),
)


def main() -> None:
    """Measure, print the errors, and keep the results for docs/estimates.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.estimates", description=__doc__)
    parser.add_argument("--largest", type=int, default=7, help="power of ten (7)")
    parser.add_argument("--output", type=Path, default=RESULTS)
    asked = parser.parse_args()
    options = ServerOptions(path=os.environ.get("PATH", ServerOptions.path))
    found: list[Result] = []
    with Room(Path(tempfile.gettempdir())) as room, start_server(options, room) as server:
        for result in results(server, asked.largest):
            found.append(result)
            print(
                f"{result.rows:>10,} {result.operation:75} estimated {result.estimated:8.3f} s"
                f" ({result.low:.3f}-{result.high:.3f}), took {result.took:8.3f} s"
            )
        about = {"postgres": server.version, "machine": platform.machine()}
    kept = {**about, "results": [vars(item) for item in found]}
    asked.output.parent.mkdir(exist_ok=True)
    asked.output.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    print(f"median error: factor {median(errors(found)):.2f} over {len(found)} estimates")


def results(server: Server, largest: int) -> Iterator[Result]:
    """Every operation at every size: the estimate first, then what it took."""
    template = server.create("estimates")
    with server.connect_as_owner(template) as connection:
        connection.execute(START.read_bytes())
    with server.connect(template) as connection:
        schema = schema_of(snapshot(connection, Ignore(), structure=True))
    site = Site(server, template, schema, schema)
    for power in range(4, largest + 1):
        tables = [name for name, most in _LARGEST.items() if power <= most]
        real = _filled(site, tables, 10**power)
        sizes = _sizes(server, real, schema, tables)
        asked = [
            Wanted(each.sql, 0, each.table, each.work, empty)
            for each, empty in zip(OPERATIONS, _empty(server, template), strict=True)
            if each.table in tables
        ]
        found, _ = timed(
            site, asked, sizes, lambda database: _run(server, database),
            time.monotonic() + _PATIENCE,
        )  # fmt: skip
        for measured in found:
            estimate = estimated(measured)
            took = _took(server, real, measured.revision, 3 if power < 7 else 1)  # noqa: PLR2004 - minutes
            size = measured.size
            yield Result(
                measured.revision, measured.work.value, size.rows, size.bytes,
                estimate.seconds, estimate.low, estimate.high, took,
            )  # fmt: skip
        server.drop(real)


def _filled(site: Site, tables: list[str], rows: int) -> str:
    database = site.server.clone(site.template, "real")
    names = ("public.kinds", *tables)
    with site.server.connect_as_owner(database) as connection:
        fill(
            connection,
            Order(site.base, site.head, names, SEED_ROWS, far=frozenset({"public.kinds"})),
        )
        for name in tables:
            table = site.base.table(name)
            if table is not None:
                while size_of(connection, table)[0] < rows:
                    has = size_of(connection, table)[0]
                    grow(connection, table, site.head, min(rows, has * 20), _WIDTH[name])
        connection.execute("VACUUM")
    return database


def _sizes(server: Server, database: str, schema: Schema, tables: list[str]) -> dict[str, Size]:
    with server.connect_as_owner(database) as connection:
        return {
            name: Size(name, *size_of(connection, table))
            for name in tables
            if (table := schema.table(name)) is not None
        }


def _empty(server: Server, template: str) -> list[float]:
    database = server.clone(template, "empty")
    with server.connect_as_owner(database) as connection:
        found = [min(_once(connection, each.sql) for _ in range(3)) * 1000 for each in OPERATIONS]
    server.drop(database)
    return found


def _run(server: Server, database: str) -> dict[Key, float]:
    with server.connect_as_owner(database) as connection:
        return {(each.sql, 0): 1000 * _once(connection, each.sql) for each in OPERATIONS}


def _took(server: Server, database: str, statement: str, runs: int) -> float:
    """Seconds, the median of a few runs."""
    with server.connect_as_owner(database) as connection:
        return median([_once(connection, statement) for _ in range(runs)])


def _once(connection: Connection[tuple[object, ...]], statement: str) -> float:
    connection.execute("BEGIN")
    began = time.perf_counter()
    connection.execute(statement.encode())
    seconds = time.perf_counter() - began
    connection.execute("ROLLBACK")
    return seconds


if __name__ == "__main__":
    main()
