"""`make bench-rows`: the share of tables that made up rows can be put into.

Without arguments for the schemas of every fixture: what the miniature pull requests and the
labelled corpus start from, and what the former end in. Else for what is named: `FOLDER@REVISION` is
a git repository whose Alembic chains are built as a review builds them (HEAD without a revision),
`FILE.sql` what `pg_dump --schema-only` writes. All tables are filled at once, with ordinary rows
and then with odd ones. Every table that stays empty is named with the reason.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.schemas import Found, of_file, of_fixtures, of_repository, on_one_server
from bot.facts.rows import Trait, Unfilled
from bot.facts.schema import Schema
from bot.observe.rows.fill import Order, fill
from bot.observe.rows.oddities import ODD, ROWS
from bot.observe.server import Server

_FLAVOURS: dict[str, tuple[int, frozenset[Trait]]] = {
    "ordinary": (100, frozenset()),
    "odd": (ROWS, ODD),
}


@dataclass
class Share:
    """What became of the tables of one schema, or of several: partitions are no tables here.

    ``filled`` counts them, by the flavour of the rows, ``fewer`` those of them that took fewer rows
    than asked; ``seconds`` is the time for all.
    """

    tables: int = 0
    filled: Counter[str] = field(default_factory=Counter)
    fewer: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    unfilled: list[tuple[str, Unfilled]] = field(default_factory=list)

    def add(self, other: Share) -> None:
        """Count the other's tables too."""
        self.tables += other.tables
        self.filled += other.filled
        self.fewer += other.fewer
        self.seconds += other.seconds

    def told(self, name: str) -> str:
        """One line."""
        parts = [
            f"{kind} rows in {self.filled[kind]} of {self.tables}"
            f" ({100 * self.filled[kind] / max(self.tables, 1):.1f} %)"
            + (f", fewer than asked in {self.fewer[kind]}" if self.fewer[kind] else "")
            for kind in _FLAVOURS
        ]
        rounds = max(self.tables * len(_FLAVOURS), 1)
        return f"{name}: {'; '.join(parts)}; {1000 * self.seconds / rounds:.1f} ms a table"


def main() -> None:
    """Fill every schema and print the shares."""
    parser = argparse.ArgumentParser(prog="python -m bench.rows", description=__doc__)
    parser.add_argument("schema", nargs="*", help="FOLDER@REVISION or FILE.sql")
    asked = parser.parse_args()
    whole, number = Share(), 0
    with TemporaryDirectory(prefix="db-recheck-bench-") as folder:
        Path(folder).chmod(0o711)  # servers run as users of their own in folders below it
        for name, share in _shares(asked.schema, Path(folder)):
            number += 1
            whole.add(share)
            if asked.schema:
                print(share.told(name), flush=True)
            for flavour, table in share.unfilled:
                print(f"  {name}: {table.table} holds no {flavour} row: {table.reason}", flush=True)
    print(whole.told(f"{number} schemas"))


def _shares(asked: Iterable[str], temporary: Path) -> Iterator[tuple[str, Share]]:
    files = [Path(item) for item in asked if item.endswith(".sql")]
    repositories = [item for item in asked if not item.endswith(".sql")]
    if files:
        yield from on_one_server(temporary, lambda server: _of_files(server, files))
    for item in repositories:
        place, _, revision = item.partition("@")
        yield from of_repository(Path(place), revision or "HEAD", temporary, measured)
    if not asked:
        seen: set[Schema] = set()

        def once(server: Server, database: str, schema: Schema) -> Share | None:
            if schema in seen or not schema.tables:
                return None
            seen.add(schema)
            return measured(server, database, schema)

        yield from of_fixtures(temporary, once)


def _of_files(server: Server, files: Iterable[Path]) -> Iterator[Found[Share]]:
    for path in files:
        yield from of_file(server, path, measured)


def measured(server: Server, database: str, schema: Schema) -> Share:
    """Fill all tables of a clone of that database with rows of each flavour."""
    found = Share()
    names = tuple(table.full_name for table in schema.tables)
    for flavour, (rows, traits) in _FLAVOURS.items():
        clone = server.clone(database, "share")
        with server.connect_as_owner(clone) as connection:
            began = time.perf_counter()
            held = fill(connection, Order(schema, schema, names, rows, traits))
            found.seconds += time.perf_counter() - began
        server.drop(clone)
        found.tables = len(held.filled) + len(held.unfilled)
        found.filled[flavour] = len(held.filled)
        found.fewer[flavour] = sum(item.rows < rows for item in held.filled)
        found.unfilled += [(flavour, item) for item in held.unfilled]
    return found


if __name__ == "__main__":
    main()
