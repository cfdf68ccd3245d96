"""A new table that only grows had neither partitions nor a word on how long its rows are kept.

To delete old rows from one large table takes hours, bloats it and never gives the space back;
dropping a partition takes an instant. To part a table later means to copy it.

Partition it by time, or say in a comment on the table what becomes of old rows.

Reference: https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-OVERVIEW
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.explain.guesses.column_words import is_time
from bot.explain.guesses.table_words import is_append_only
from bot.explain.names.names import execute, sql_name
from bot.explain.schema.new_objects import new_tables
from bot.explain.schema.origin import table_made
from bot.facts import Facts
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "contract"
PRESETS = (4, 5)

_KEPT = re.compile(
    r"retention|retain|archiv|purge|prun|partition|expire|cleanup|clean-up|kept for",
    re.IGNORECASE,
)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each table; a word on retention in its comment or the docstring is enough."""
    for project in facts.projects:
        for table in new_tables(project):
            time = next((column for column in table.columns if is_time(column.type)), None)
            if time is None or table.partitioning or not is_append_only(table):
                continue
            made = table_made(project, table)
            if made is None or _KEPT.search(f"{table.comment or ''} {made.revision.doc}"):
                continue
            name, column = code(table.full_name), code(time.name)
            text = execute(
                f"COMMENT ON TABLE {sql_name(table.full_name)}"
                " IS 'Retention: rows older than <n> months are deleted by <job>'"
            )
            parted = code(f'postgresql_partition_by="RANGE ({time.name})"')
            yield made.finding(
                table,
                title=f"{name} only grows",
                message=f"Rows are added to {name} and nothing says how long they are kept. That it"
                " grows is told by its name; a row count of production would make it certain.",
                subject=table.full_name,
                column=time.name,
                confidence=Confidence.LIKELY,
                remedies=(
                    Remedy(
                        f"Partition it by {column}",
                        f"{parted} in `op.create_table`, with {column} in its primary key.",
                        trade_off="The key gets a column more, and somebody has to create the"
                        " partitions.",
                    ),
                    Remedy("Say what becomes of old rows", block(text, "python")),
                ),
            )
