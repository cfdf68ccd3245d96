"""Base and head side by side, filled alike and made to seem as large: each query on both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.facts import Direction, Project, Revision
from bot.facts.plans import Plan, Planned, Query
from bot.observe.plans.enlarge import enlarge, relations, shares
from bot.observe.plans.explain import Whole, explain, whole
from bot.observe.rows import Ground, RowsOptions
from bot.observe.rows.fill import Order
from bot.observe.rows.json_looks import looks_at_base
from bot.observe.rows.reach import SMALL, needed
from bot.observe.rows.seeding import seeded
from bot.observe.rows.trial import Trial
from bot.observe.stated import Stated
from bot.observe.unseen import Unseen

_ROWS = 300  # a table: what ANALYZE takes its statistics from
_WHAT = "the plans of the named queries"
_SECONDS = 20.0  # for all of them
_TOLD = 5  # faults of one side


def planned(
    ground: Ground,
    stated: Stated,
    project: Project,
    order: Sequence[Revision],
    unseen: Unseen,
    options: RowsOptions,
) -> tuple[Planned, ...]:
    """Each query with its plans. What fails of it is told in ``unseen`` and never fails the check.

    Base is filled with the user's or made up rows and analysed, head is that after the upgrade: the
    statistics are those of the same rows, and the sizes those that ``table-stats`` states.
    """
    from psycopg import Error

    if not stated.queries or project.base_schema is None:
        return ()
    if ground.server.data is None:
        unseen.minor(
            _WHAT,
            "tables can be made to seem as large as production's on a server of db-recheck's own",
            "Leave `database-url` out where the named queries shall be explained.",
        )
        return ()
    if not stated.sizes:
        unseen.minor(
            _WHAT,
            "how large the tables are in production is not known, and a plan depends on it",
            "State their sizes in `table-stats` (docs/table-stats.md).",
        )
        return ()
    try:
        return _Both(ground, stated, project, unseen, options).planned(order)
    except (Error, OSError) as error:
        unseen.minor(_WHAT, str(error).strip(), "Nothing: everything else was checked.")
        return ()


class _Both:
    def __init__(
        self,
        ground: Ground,
        stated: Stated,
        project: Project,
        unseen: Unseen,
        options: RowsOptions,
    ) -> None:
        self._ground = ground
        self._stated = stated
        self._project = project
        self._unseen = unseen
        self._options = options

    def planned(self, order: Sequence[Revision]) -> tuple[Planned, ...]:
        server = self._ground.server
        before = server.clone(self._ground.template, "plans")
        try:
            self._fill(before)
            after = Trial(self._ground, server.clone(before, "plans"))
            try:
                for revision in order:
                    step = after.run(Direction.UPGRADE, revision)
                    if step.failure is not None:
                        why = f"{revision.revision} does not go up on rows: {step.failure.message}"
                        self._unseen.minor(_WHAT, why, "Mend that first; see the findings.")
                        return ()
                after.stage.leave()
                with server.connect(before) as connection:
                    known = shares(relations(connection), self._stated.sizes)
                base = self._explained(before, known, "base")
                head = self._explained(after.database, known, "head")
            finally:
                after.end()
        finally:
            server.drop(before)
        return tuple(
            Planned(query, base.get(query.name), head.get(query.name))
            for query in self._stated.queries
        )

    def _fill(self, database: str) -> None:
        base, head = self._project.base_schema, self._project.schema
        if base is None:
            return
        names = tuple(table.full_name for table in base.tables)
        if len(names) > SMALL:
            names = needed(base, [size.table for size in self._stated.sizes])
        trial = Trial(self._ground, database)
        looks = looks_at_base(self._project, lambda: self._project.models)
        order = Order(base, head or base, names, _ROWS, looks=looks)
        if self._options.seeds:
            seeded(trial, self._options, order)
        trial.fill(replace(order, keep=bool(self._options.seeds)))
        trial.stage.leave()

    def _explained(
        self, database: str, known: dict[int, tuple[int, int]], side: str
    ) -> dict[str, Plan]:
        """The plans of those queries that the server accepts on that side."""
        from psycopg import Error

        server = self._ground.server
        with server.connect_as_owner(database) as connection:
            connection.execute("SET statement_timeout = '10s'")
            connection.execute("ANALYZE")
        enlarge(server, database, known)
        found: dict[str, Plan] = {}
        faults: list[tuple[Query, str]] = []
        with server.connect(database) as connection:
            parts: Whole = whole(connection)
        with server.connect_as_owner(database) as connection:
            limit = int(1000 * max(0.1, min(_SECONDS, self._ground.remaining() / 4)))
            connection.execute(f"SET statement_timeout = {min(limit, 2000)}".encode())
            for query in self._stated.queries:
                try:
                    found[query.name] = explain(connection, query.sql, parts)
                except Error as error:
                    if connection.closed:
                        raise
                    faults.append((query, str(error).strip().splitlines()[0]))
        for query, why in [item for item in faults if side == "head"][:_TOLD]:
            self._unseen.minor(
                f"the plan of the query {query.name} ({query.path}:{query.line})",
                f"PostgreSQL does not accept it after the change: {why}",
                "Mend the query, or take it out of the file.",
            )
        return found
