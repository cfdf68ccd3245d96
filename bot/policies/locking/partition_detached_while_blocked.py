"""A partition was detached while nobody could use the partitioned table.

DETACH PARTITION takes ACCESS EXCLUSIVE on the parent, and so waits for every query on any of its
partitions, with all later ones queueing behind it.

Detach it CONCURRENTLY (PostgreSQL 14), outside a transaction (`autocommit_block`).

Reference: https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DETACH-PARTITION
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.op_code import autocommit
from bot.explain.names.names import execute, sql_name
from bot.explain.statements.group import finding, message
from bot.explain.statements.locks import until
from bot.explain.statements.ran import Ran, ran
from bot.facts import Facts
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.sql import AlterTable, Name
from bot.wording import block, code

SEVERITY = Severity.WARN
PRESETS = (5,)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each partition of an existing table."""
    for each in ran(facts, options):
        for piece in each.pieces:
            for action in piece.detail.actions if isinstance(piece.detail, AlterTable) else ():
                parent = _existing(each, piece.relation)
                if action.kind == "detach partition" and not action.concurrently and parent:
                    yield _finding(each, parent, action.partition or Name("?"))


def _existing(each: Ran, name: Name | None) -> str | None:
    found = [item.relation for item in each.existing if name and name.names(item.relation)]
    return found[0] if found else None


def _finding(each: Ran, parent: str, partition: Name) -> Finding:
    sql = f"ALTER TABLE {sql_name(parent)} DETACH PARTITION {partition.sql} CONCURRENTLY"
    text = autocommit(execute(sql))
    return finding(
        each,
        title=f"Detaching {code(partition.name)} shuts all of {code(parent)}",
        message=message(
            each,
            f"It takes ACCESS EXCLUSIVE on {code(parent)}: it waits for every query on any of its "
            f"partitions, and nobody else can begin one {until(each)}.",
        ),
        about=f"{parent}:{partition.name}",
        tables=(parent,),
        confidence=each.confidence,
        remedies=(
            Remedy(
                "Detach it concurrently, outside a transaction",
                block(text, "python"),
                "It waits for the queries that run already, without stopping new ones. It is "
                "refused while the table has a DEFAULT partition; when it is interrupted, "
                "`DETACH PARTITION … FINALIZE` completes it. A CHECK that repeats the bound stays "
                "on the detached table: drop it if you do not want it.",
            ),
        ),
    )
