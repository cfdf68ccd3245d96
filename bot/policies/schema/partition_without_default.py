"""A partitioned table had rows without a place: no DEFAULT partition, or a remainder was missing.

An INSERT of such a row fails, in production and at the worst time: on the first of a month, or with
the first customer of a new country.

Add a DEFAULT partition, watch that it stays empty, and create partitions ahead of time.

Reference: https://www.postgresql.org/docs/current/ddl-partitioning.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.names.names import execute, sql_name
from bot.explain.names.naming import short
from bot.explain.schema.partitions import Parted, made, parted, uncovered
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "contract"
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each table that leaves rows out, and did not at base."""
    for project in facts.projects:
        for found in parted(project):
            rows = uncovered(found.table, found.partitions)
            known = not found.is_new and uncovered(found.table, found.before)
            origin = made(project, found) if rows and not known else None
            if origin is None or rows is None:
                continue
            name = code(found.table.full_name)
            yield origin.finding(
                found.table,
                title=f"{name} has no place for {rows}",
                message=f"An INSERT into {name} fails for {rows}.",
                subject=found.table.full_name,
                remedies=(_remedy(found),),
            )


def _remedy(found: Parted) -> Remedy:
    table, strategy = found.table, found.table.partitioning
    parent = sql_name(table.full_name)
    name = sql_name(f"{table.schema}.{short(f'{table.name}_default')}")
    if strategy is not None and strategy.strategy == "hash":
        values = "FOR VALUES WITH (MODULUS <n>, REMAINDER <r>)"
        sql = f"CREATE TABLE <name> PARTITION OF {parent}\n    {values}"
        return Remedy("Add the missing remainders", block(execute(sql), "python"))
    text = execute(f"CREATE TABLE {name} PARTITION OF {parent} DEFAULT")
    return Remedy(
        "Add a DEFAULT partition",
        block(text, "python"),
        trade_off="A new partition for values that lie in DEFAULT already reads all of it, under a"
        " lock: move them out first, and watch its size.",
    )
