"""A named query reads every partition of a table that the change partitions or extends.

Partitions pay when a query touches few of them. One that does not name the partition key visits
all: each is planned, locked and searched, and that grows with every partition that is added.

Add the partition key to the query (a range of dates, the tenant), or partition by what the queries
ask for. PostgreSQL leaves partitions out while it plans, or as it starts to execute.

Reference: https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITION-PRUNING
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.statements.group import finding
from bot.explain.statements.plans import Looked, looked, query_block, statement_that
from bot.facts import Effect, Facts
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import code

SEVERITY = Severity.WARN
PACK = "queries"
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each query and table that base did not read so already."""
    for each in looked(facts):
        before = each.base.unpruned if each.base else ()
        for table in each.head.unpruned:
            if table not in before:
                yield _told(facts, each, table)


def _told(facts: Facts, each: Looked, table: str) -> Finding:
    def made(effect: Effect) -> bool:
        return effect.created and effect.relation == table

    query = each.planned.query
    schema = each.project.schema
    found = schema.table(table) if schema else None
    key = found.partitioning.key if found and found.partitioning else ""
    by = f", which is partitioned by {code(key)}" if key else ""
    title = f"The query {code(query.name)} reads every partition of {code(table)}"
    message = (
        f"{code(query.name)} reads {code(table)}{by}. Whatever its parameters are, PostgreSQL can "
        f"leave no partition out.\n\n{query_block(each)}"
    )
    remedy = Remedy(
        "Name the partition key in the query",
        f"Compare {code(key) if key else 'the key'} with a parameter or a constant in its WHERE, "
        "even where another condition would do for the result.",
        trade_off="Callers must know the key; where they cannot, partition by what they do know.",
    )
    at = statement_that(facts, each.project, made)
    if at is not None:
        return finding(
            at,
            title=title,
            message=message,
            about=f"{query.name}:{table}",
            tables=(table,),
            confidence=Confidence.OBSERVED,
            remedies=(remedy,),
        )
    return Finding(
        path=query.path,
        line=query.line,
        title=title,
        message=message,
        subject=f"{query.name}:{table}",
        confidence=Confidence.OBSERVED,
        project=each.project.config,
        tables=(table,),
        remedies=(remedy,),
    )
