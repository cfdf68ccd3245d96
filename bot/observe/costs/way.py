"""The way to the statements that are measured: revisions up, and for downgrades down again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot.facts import Direction, Revision
from bot.observe.costs.wanted import Key, Wanted
from bot.observe.rows import Ground
from bot.observe.rows.trial import Trial
from bot.observe.server import Server


@dataclass(frozen=True)
class Way:
    """Revisions that go ``up`` and of them those that come ``down``, in the order in which they do.

    With any of these the downgrades are what is measured, else the upgrades.
    """

    up: Sequence[Revision]
    down: Sequence[Revision] = ()

    @property
    def measured(self) -> Direction:
        """The direction whose statements are timed."""
        return Direction.DOWNGRADE if self.down else Direction.UPGRADE

    @property
    def steps(self) -> Iterator[tuple[tuple[str, ...], Direction]]:
        """The names of the revisions in each direction."""
        yield tuple(item.revision for item in self.up), Direction.UPGRADE
        yield tuple(item.revision for item in self.down), Direction.DOWNGRADE


def way_of(asked: Sequence[Wanted], order: Sequence[Revision]) -> Way:
    """The shortest way through the revisions of ``order`` past all of these of one direction."""
    names = {item.revision for item in asked}
    places = [place for place, item in enumerate(order) if item.revision in names]
    if not places:
        return Way(())
    up = tuple(order[: places[-1] + 1])
    down = any(item.direction is Direction.DOWNGRADE for item in asked)
    return Way(up, up[places[0] :][::-1] if down else ())


def along(ground: Ground, database: str, way: Way, tables: Sequence[str]) -> dict[Key, float]:
    """Go that way in the database; the milliseconds of the statements that are measured.

    A step that fails ends it. Before the way down the ``tables`` are vacuumed, as production's will
    be long before anybody goes back.
    """
    trial = Trial(ground, database)
    found: dict[Key, float] = {}
    try:
        for revision in way.up:
            step = trial.run(Direction.UPGRADE, revision, trace=True)
            if step.failure is not None:
                return found
            if way.measured is Direction.UPGRADE:
                for place, statement in enumerate(step.statements):
                    found[revision.revision, place] = statement.duration_ms
        if way.down:
            _settle(ground.server, database, tables)
        for revision in way.down:
            step = trial.run(Direction.DOWNGRADE, revision, trace=True)
            if step.failure is not None:
                return found
            for place, statement in enumerate(step.statements):
                found[revision.revision, place] = statement.duration_ms
        return found
    finally:
        trial.stage.leave()


def _settle(server: Server, database: str, tables: Sequence[str]) -> None:
    """VACUUM does what the first scan would do otherwise; one that is gone by now needs none."""
    from psycopg import Error, sql

    with server.connect_as_owner(database) as connection:
        connection.execute("SET statement_timeout = '8s'; SET lock_timeout = '1s'")
        for name in tables:
            schema, _, table = name.partition(".")
            with suppress(Error):
                connection.execute(sql.SQL("VACUUM {}").format(sql.Identifier(schema, table)))
