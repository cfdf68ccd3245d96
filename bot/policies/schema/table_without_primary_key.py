"""A new table had no primary key, or an existing table lost its own.

Nothing names one of its rows: duplicates cannot be told apart or deleted one by one, an ORM cannot
map it, logical replication refuses its UPDATE and DELETE, and every tool that works in batches by
key has nothing to go by.

Give it a key: the columns that are unique already, the two foreign keys of an association, or an
identity column.

Reference: https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-PRIMARY-KEYS
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.remedies.primary_key import key_remedies
from bot.explain.schema.new_objects import touched_tables
from bot.explain.schema.origin import primary_key_lost, table_made
from bot.facts import Facts
from bot.policy import Finding, Severity
from bot.wording import code

SEVERITY = Severity.BLOCK
PRESETS = (1, 2, 3, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each table; partitions and children have what their parent has."""
    for project in facts.projects:
        for table, before in touched_tables(project):
            own = table.partition_of is None and not table.inherits
            if table.primary_key or table.kind == "foreign table" or not own:
                continue
            if before is not None and before.primary_key is None:
                continue
            made = table_made(project, table) if before is None else None
            made = made or primary_key_lost(project, table, before)
            if made is None:
                continue
            name = code(table.full_name)
            partitioned = ""
            if table.partitioning:
                partitioned = (
                    " The key of a partitioned table has to contain the columns of"
                    f" {code(table.partitioning.key)}."
                )
            yield made.finding(
                table,
                title=f"{name} has no primary key" if before is None else f"{name} loses its key",
                message=f"{code(made.revision.revision)} leaves {name} without a primary key:"
                " no two rows of it can be told apart for sure, and logical replication refuses"
                f" to update or delete them.{partitioned}",
                subject=table.full_name,
                severity=Severity.WARN if table.partitioning else None,
                remedies=key_remedies(facts, made, table, before),
            )
