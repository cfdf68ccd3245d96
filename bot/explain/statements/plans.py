"""Where in a change a query's plan was decided, and what a plan does in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.explain.statements.durations import counted
from bot.explain.statements.ran import Ran, ran
from bot.facts import Effect, Facts, Project, Size
from bot.facts.plans import Plan, Planned
from bot.policy import DEFAULTS
from bot.wording import block, code

MADE_UP = (
    "How values are spread was taken from rows that were made up, or from those of `seed-sql`: with"
    " rows like yours there, the plans are like yours."
)
_SHOWN = 400  # characters of a query


@dataclass(frozen=True)
class Looked:
    """One query that both sides' plans are known of (base's may be missing), and its project."""

    project: Project
    planned: Planned
    base: Plan | None
    head: Plan


def looked(facts: Facts) -> Iterator[Looked]:
    """Every query that PostgreSQL accepts after the change."""
    for project in facts.projects:
        for each in project.plans:
            if each.head is not None:
                yield Looked(project, each, each.base, each.head)


def statement_that(facts: Facts, project: Project, does: Callable[[Effect], bool]) -> Ran | None:
    """The last statement of the project's upgrades of which one effect is such."""
    found = [
        each
        for each in ran(facts, DEFAULTS)
        if each.project is project and any(does(effect) for effect in each.effects)
    ]
    return found[-1] if found else None


def reading(plan: Plan, table: str) -> str:
    """What the plan does with a table: ``goes by the index `…` ``, ``reads it whole``."""
    scans = [scan for scan in plan.scans if scan.table == table]
    index = next((scan.index for scan in scans if scan.index), None)
    if any(scan.how == "Seq Scan" for scan in scans):
        return "reads it from end to end"
    if index is not None:
        return f"goes by the index {code(index)}"
    return "goes by indexes" if scans else "does not read it"


def query_block(each: Looked) -> str:
    """The query as it was explained."""
    return block(each.planned.query.sql, "sql", _SHOWN)


def rows_of(size: Size | None) -> str:
    """How many rows a table holds in production, for a sentence."""
    return "" if size is None else f" ({counted(size.rows)} rows)"
