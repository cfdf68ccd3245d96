"""The statements of a change timed on tables of two sizes, each twice, in a few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.facts import Direction, Project, Revision
from bot.facts.schema import Schema, Table
from bot.facts.sizes import Measured, Point, Size
from bot.observe.costs.grow import grow, size_of
from bot.observe.costs.wanted import Key, Wanted, by_row, wanted
from bot.observe.costs.way import Way, along, way_of
from bot.observe.rows import Ground, RowsOptions
from bot.observe.rows.fill import Order, fill
from bot.observe.rows.json_looks import Looks, looks_at_base
from bot.observe.rows.reach import needed
from bot.observe.rows.seeding import seeded
from bot.observe.rows.trial import Trial
from bot.observe.server import Server
from bot.observe.unseen import Unseen

SEED_ROWS = 2_000  # made by the row generator; the server copies them from there on
LARGER = 100_000  # rows of the larger size
RATIO = 5  # of both sizes
_BYTES = 64 * 1024 * 1024  # of the larger size's table
_RUNS = 2  # the fastest counts
_BUDGET = 20.0  # seconds for one project
_SHARE = 0.25  # of what is left of the run's time
_ELSE = "Judge it by the locks that the report names, or time it on a copy of production."
_WHAT = {
    Direction.UPGRADE: "how long the change blocks production",
    Direction.DOWNGRADE: "how long its downgrade blocks production",
}

Run = Callable[[str], Mapping[Key, float]]
"""Runs the change on that database; the milliseconds that its statements took."""


@dataclass(frozen=True)
class Site:
    """A server, an empty database ``template`` on it, and both sides' schemas.

    ``sow`` puts the user's rows into the database of that name; whether there were any. ``looks``
    are those of JSON in base's columns.
    """

    server: Server
    template: str
    base: Schema
    head: Schema
    sow: Callable[[str], bool] = lambda _: False
    looks: Looks = field(default_factory=dict)


def measured(
    ground: Ground,
    large: Mapping[str, Size],
    project: Project,
    order: Sequence[Revision],
    unseen: Unseen,
    options: RowsOptions,
) -> tuple[Measured, ...]:
    """What the statements that matter cost; ``large`` are the tables with production's sizes.

    Those of downgrades are measured where ``options`` ask for it, in a time of their own. The rows
    that are multiplied are the user's, where ``seed-sql`` has some of a table. What fails of the
    bot's own work is told in ``unseen`` and never fails the check.
    """
    base, head = project.base_schema, project.schema
    if base is None or head is None:
        return ()

    def sow(database: str) -> bool:
        if not options.seeds:
            return False
        trial = Trial(ground, database)
        try:
            return bool(seeded(trial, options, Order(base, head, (), 0)).tables)
        finally:
            trial.stage.leave()

    looks = looks_at_base(project, lambda: project.models)
    site = Site(ground.server, ground.template, base, head, sow, looks)
    known = {table.full_name for table in base.tables} | {view.full_name for view in base.views}
    found: list[Measured] = []
    for direction in Direction if options.downgrades else (Direction.UPGRADE,):
        asked = wanted(project, large, direction)
        if direction is Direction.DOWNGRADE:  # what the change made is nobody's yet
            asked = tuple(item for item in asked if item.table in known)
        if asked:
            way = way_of(asked, order)
            loop = next(filter(None, (by_row(project, *each) for each in way.steps)), None)
            if loop is None:
                found += _told(ground, site, asked, large, way, unseen)
            else:
                why = f"{loop} runs more statements the more rows there are: that takes too long"
                unseen.minor(_WHAT[direction], f"{why} to measure", _ELSE)
    return tuple(found)


def _told(
    ground: Ground,
    site: Site,
    asked: Sequence[Wanted],
    large: Mapping[str, Size],
    way: Way,
    unseen: Unseen,
) -> tuple[Measured, ...]:
    """The measurements of one direction; ``unseen`` is told what is missing of them."""
    from psycopg import Error

    what = _WHAT[asked[0].direction]
    limit = min(_BUDGET, _SHARE * ground.remaining())
    tables = tuple(dict.fromkeys(item.table for item in asked))

    def run(database: str) -> Mapping[Key, float]:
        return along(ground, database, way, tables)

    try:
        found, late = timed(site, asked, large, run, time.monotonic() + limit)
    except Error as error:
        unseen.minor(what, str(error).strip(), "Nothing: everything else was checked.")
        return ()
    missing = {item.table for item in asked} - {item.table for item in found}
    if missing:
        why = f"it took longer than {limit:.0f} s to measure" if late else (
            "its statements could not be timed on tables of two sizes"
        )  # fmt: skip
        unseen.minor(f"{what}: {', '.join(sorted(missing))}", why, _ELSE)
    return found


def timed(
    site: Site, asked: Sequence[Wanted], large: Mapping[str, Size], run: Run, until: float
) -> tuple[tuple[Measured, ...], bool]:
    """The measurements, and whether time ran out before all were made.

    Raises:
        psycopg.Error: the server did not do what the bot asked of it.
    """
    tables = tuple(dict.fromkeys(item.table for item in asked))
    shapes = [table for name in tables if (table := site.base.table(name)) is not None]
    points: dict[tuple[Key, str], list[Point]] = {}
    server, made = site.server, [site.server.clone(site.template, "costs")]
    try:
        _seed(site, made[0], shapes)
        _grown(site, made[0], shapes, large, RATIO)
        for step in range(2):
            if step:
                made.append(server.clone(made[0], "costs"))
                _grown(site, made[1], shapes, large, 1, wide=True)
            sizes = _sizes(server, made[step], shapes)
            best: dict[Key, float] = {}
            for _ in range(_RUNS):
                if time.monotonic() > until:
                    break
                for key, ms in _once(server, made[step], run).items():
                    best[key] = min(ms, best.get(key, ms))
            for item in asked:
                if item.key in best and item.table in sizes:
                    rows, size = sizes[item.table]
                    entry = points.setdefault((item.key, item.table), [])
                    entry.append(Point(rows, size, best[item.key]))
    finally:
        for database in made:
            server.drop(database)
    found = [
        Measured(
            item.revision,
            item.statement,
            item.table,
            item.work,
            large[item.table],
            item.empty_ms,
            tuple(pair),
            item.direction,
        )
        for item in asked
        if len(pair := points.get((item.key, item.table), [])) == 2  # noqa: PLR2004 - both sizes
        and pair[0].rows < pair[1].rows
    ]
    return tuple(found), time.monotonic() > until


def _once(server: Server, database: str, run: Run) -> Mapping[Key, float]:
    copy = server.clone(database, "costs")
    try:
        return run(copy)
    finally:
        server.drop(copy)


def _seed(site: Site, database: str, shapes: Sequence[Table]) -> None:
    """The user's rows, or a few thousand that the generator makes, and what their keys need."""
    sown = site.sow(database)
    own = [table.full_name for table in shapes]
    names = needed(site.base, [*own, *needed(site.head, own)])
    far = frozenset(names) - {table.full_name for table in shapes}
    with site.server.connect_as_owner(database) as connection:
        _limit(connection)
        fill(
            connection,
            Order(site.base, site.head, names, SEED_ROWS, far=far, keep=sown, looks=site.looks),
        )


def _grown(
    site: Site,
    database: str,
    shapes: Sequence[Table],
    large: Mapping[str, Size],
    part: int,
    *,
    wide: bool = False,
) -> None:
    """The tables at one ``part``th of the larger size; ``wide`` rows are as wide as production's.

    VACUUM does what the first scan would do otherwise (hint bits), in everybody else's time.
    """
    from psycopg import sql

    with site.server.connect_as_owner(database) as connection:
        _limit(connection)
        for table in shapes:
            size = large[table.full_name]
            width = size.width if wide else 0.0
            most = min(LARGER, size.rows, int(_BYTES / max(width, 1.0)))
            grow(connection, table, site.head, max(most, RATIO * RATIO) // part, width)
            connection.execute(
                sql.SQL("VACUUM {}").format(sql.Identifier(table.schema, table.name))
            )


def _limit(connection: object) -> None:
    connection.execute("SET statement_timeout = '8s'")  # type: ignore[attr-defined] # psycopg is imported late


def _sizes(server: Server, database: str, shapes: Sequence[Table]) -> dict[str, tuple[int, int]]:
    with server.connect_as_owner(database) as connection:
        return {table.full_name: size_of(connection, table) for table in shapes}
