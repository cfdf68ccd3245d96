"""A named query of the application got a far dearer plan than it had before the change.

What went by an index reads a large table from end to end now, on every call. Nothing fails; the
database is busy with it from the moment of the deployment, and what was a millisecond is seconds.

Keep the index until no query needs it, make the one that replaces it first, or change the query in
a release before. The plans are those at the sizes of `table-stats`, before and after the change.

Reference: https://www.postgresql.org/docs/current/using-explain.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.statements.group import finding
from bot.explain.statements.plans import (
    MADE_UP,
    Looked,
    looked,
    query_block,
    reading,
    rows_of,
    statement_that,
)
from bot.explain.statements.ran import Ran
from bot.facts import Effect, Facts
from bot.policy import DEFAULTS, Confidence, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "queries"
PRESETS = (3, 4, 5)
OPTIONS = {
    "cost-ratio": "how many times base's cost a plan may have (10)",
    "least-cost": "costs of the planner under which a plan is cheap whatever it was (10000)",
}


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each query whose plan got worse, at the statement that it comes from."""
    sizes = {size.table: size for size in facts.sizes}
    ratio = options.of("plan-regressed", "cost-ratio", 10)
    least = options.of("plan-regressed", "least-cost", 10_000)
    for each in looked(facts):
        if each.base is None:
            continue
        whole = [
            scan.table
            for scan in each.head.scans
            if each.head.read_whole(scan.table)
            and not each.base.read_whole(scan.table)
            and scan.table in sizes
            and sizes[scan.table].rows >= options.small_table_rows
        ]
        dearer = each.head.cost >= max(ratio * each.base.cost, least)
        at = _blamed(facts, each) if whole or dearer else None
        if at is None:
            continue
        name = code(each.planned.query.name)
        tables = tuple(dict.fromkeys(whole or [scan.table for scan in each.head.scans]))
        told = [
            f"- {code(table)}{rows_of(sizes.get(table))}: before, it {reading(each.base, table)};"
            f" after, it {reading(each.head, table)}."
            for table in tables
        ]
        cost = (
            f"The planner's cost goes from {each.base.cost:,.0f} to {each.head.cost:,.0f}, at the "
            f"sizes of production that `table-stats` states. {MADE_UP}"
        )
        first = f"After {code(at.revision.revision)} the query {name} is planned otherwise."
        yield finding(
            at,
            title=f"The query {name} gets a far dearer plan",
            message="\n\n".join([first, "\n".join(told), cost, query_block(each)]),
            about=each.planned.query.name,
            tables=tables,
            confidence=Confidence.LIKELY,
            remedies=_remedies(each),
        )


def _blamed(facts: Facts, each: Looked) -> Ran | None:
    """What dropped an index that base's plan went by; else what last touched a table of it."""
    gone = set(each.base.indexes if each.base else ()) - set(each.head.indexes)
    tables = {scan.table for scan in each.head.scans}

    def dropped(effect: Effect) -> bool:
        return effect.dropped and effect.relation in gone

    def touched(effect: Effect) -> bool:
        return bool({effect.relation, effect.table} & tables)

    project = each.project
    return statement_that(facts, project, dropped) or statement_that(facts, project, touched)


def _remedies(each: Looked) -> tuple[Remedy, ...]:
    gone = set(each.base.indexes if each.base else ()) - set(each.head.indexes)
    base = each.project.base_schema
    lost = [
        index.definition
        for table in (base.tables if base else ())
        for index in table.indexes
        if index.name in gone
    ]
    if not lost:
        return (_INDEX,)
    code_ = "\n".join(
        f"    op.execute({definition.replace(' INDEX ', ' INDEX CONCURRENTLY ', 1)!r})"
        for definition in lost
    )
    text = (
        "Leave it in place. Where it is gone already, a revision of its own brings it back:\n\n"
        + block(f"with op.get_context().autocommit_block():\n{code_}", "python")
    )
    return (Remedy("Keep the index that the query goes by", text), _INDEX)


_INDEX = Remedy(
    "Change the query first",
    "Where the query shall ask in another way, deploy that and its index before this change, and "
    "put the new text into the file of named queries.",
    trade_off="Two releases instead of one.",
)
