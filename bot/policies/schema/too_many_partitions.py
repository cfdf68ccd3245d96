"""A table had more partitions than planning and locking bear well.

Every query that cannot leave partitions out plans and locks all of them; so does every migration of
the table, one lock each.

Make partitions larger, or drop and detach old ones.

Reference: https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-BEST-PRACTICES
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.schema.partitions import leaves, made, parted
from bot.facts import Facts
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import code

SEVERITY = Severity.NOTE
PACK = "contract"
PRESETS = (5,)
OPTIONS = {"max-partitions": "how many partitions a table may have"}


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each table that passes the limit with this change."""
    limit = options.of("too-many-partitions", "max-partitions", 100)
    for project in facts.projects:
        head, base = project.schema, project.base_schema
        for found in parted(project):
            name = found.table.full_name
            count = leaves(head, name) if head else 0
            crossed = count > limit and found.table.partition_of is None
            if not crossed or (base is not None and leaves(base, name) > limit):
                continue
            origin = made(project, found)
            if origin is None:
                continue
            yield origin.finding(
                found.table,
                title=f"{code(name)} has {count} partitions",
                message=f"A query on {code(name)} that does not say which rows of"
                f" {code(found.table.partitioning.key if found.table.partitioning else '')} it"
                f" wants plans and locks all {count} of them.",
                subject=name,
                remedies=(
                    Remedy(
                        "Larger partitions",
                        "A month instead of a day, or fewer remainders.",
                        trade_off="What is dropped with a partition is more at once.",
                    ),
                    Remedy(
                        "Detach the old ones", "`ALTER TABLE … DETACH PARTITION … CONCURRENTLY`"
                    ),
                ),
            )
