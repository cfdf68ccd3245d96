"""Schemas to try things on: those of the fixtures, of repositories, and of SQL files."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from bot.changes import Request
from bot.configuration import Stated
from bot.consult.run import look
from bot.facts.schema import Schema
from bot.observe.catalogue import Ignore, schema_of, snapshot
from bot.observe.consulted import Consultation
from bot.observe.facilities import Facilities
from bot.observe.room import Room
from bot.observe.rows.seed import run
from bot.observe.server import Server, ServerOptions, start_server
from bot.subject import Order
from bot.wording import inert
from fixtures.build import build, build_layers, cases
from fixtures.labelled import corpus
from fixtures.review import Reviewer

T = TypeVar("T")
Found = tuple[str, T]
Try = Callable[[Server, str, Schema], T | None]
"""Something done with the database of that name; None where it is not worth telling."""


def on_one_server(
    temporary: Path, work: Callable[[Server], Iterable[Found[T]]]
) -> Iterator[Found[T]]:
    """What the work yields on a server of its own."""
    options = ServerOptions(path=os.environ.get("PATH", ServerOptions.path))
    with Room(temporary) as room, start_server(options, room) as server:
        yield from work(server)


def of_file(server: Server, path: Path, attempt: Try[T]) -> Iterator[Found[T]]:
    """The schema that an SQL file makes."""
    database = server.create("schema")
    with server.connect_as_owner(database) as connection:
        for fault in run(connection, path.read_text("utf-8")):
            print(f"{path}:{fault.line}: {fault.reason}", file=sys.stderr)
    with server.connect(database) as connection:
        schema = schema_of(snapshot(connection, Ignore(), structure=True))
    found = attempt(server, database, schema)
    server.drop(database)
    if found is not None:
        yield path.stem, found


def of_repository(
    place: Path, revision: str, temporary: Path, attempt: Try[T]
) -> Iterator[Found[T]]:
    """The schemas of a repository's chains at that revision."""
    environ = {**os.environ, "PATH": os.environ.get("PATH", os.defpath)}
    home = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "db-recheck"
    order = Order(
        place.resolve(),
        Request(revision, revision),
        Stated(None, {}, {}).load,
        temporary,
        home / "packages",
    )
    yield from _looked(order, place.resolve().name, environ, None, attempt)


def of_fixtures(temporary: Path, attempt: Try[T]) -> Iterator[Found[T]]:
    """What the miniature pull requests start from and end in, and what the corpus starts from."""
    known: set[frozenset[tuple[str, bytes]]] = set()

    def is_new(files: Mapping[str, bytes]) -> bool:
        before = len(known)
        known.add(frozenset(files.items()))
        return len(known) > before

    with Reviewer(temporary) as reviewer:
        for number, case in enumerate(cases()):
            place = build(case, temporary / f"case{number}")
            base = {name: path.read_bytes() for name, path in case.layers["base"].items()}
            for branch in ("main", "feature") if is_new(base) else ("feature",):
                order = reviewer.order(place, branch, branch, case.settings)
                yield from _looked(
                    order, f"{case.id} {branch}", reviewer.environ, reviewer.facilities, attempt
                )
        for number, labelled in enumerate(corpus()):
            if is_new(labelled.base):
                place = build_layers(temporary / f"corpus{number}", labelled.base, {})
                order = reviewer.order(place, "main", "main", {})
                yield from _looked(
                    order, labelled.id, reviewer.environ, reviewer.facilities, attempt
                )


def _looked(
    order: Order,
    name: str,
    environ: Mapping[str, str],
    facilities: Facilities | None,
    attempt: Try[T],
) -> Iterator[Found[T]]:
    found: list[T] = []

    def keep(server: Server, database: str, schema: Schema) -> None:
        result = attempt(server, database, schema)
        if result is not None:
            found.append(result)

    facts, *_ = look(order, lambda _: Consultation(look=keep), environ, lambda _: None, facilities)
    for each in facts.not_checked:
        if each.fatal:
            print(f"{name}: {each.what}: {each.why}", file=sys.stderr)
    for project in facts.projects:
        state = project.base_state
        if project.schema is None and state and state.failure:
            why = inert(state.failure.message).partition("\n")[0]
            print(f"{name}: {project.config} was not built: {why}", file=sys.stderr)
    for result in found:
        yield name, result
