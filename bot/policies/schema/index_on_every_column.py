"""A new table had an index on most of its columns, or more indexes than a table should.

Every INSERT writes each of them, and an UPDATE of any indexed column writes all of them again. Most
will never be read.

Keep those that a known query needs; the others can be added when one turns up.

Reference: https://www.postgresql.org/docs/current/storage-hot.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.schema.indexes import serves_lookup
from bot.explain.schema.new_objects import new_indexes, touched_tables
from bot.explain.schema.origin import Origin, in_order, index_made, table_made
from bot.facts import Facts, Project
from bot.facts.relation import Index
from bot.facts.schema import Table
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import code, several

SEVERITY = Severity.NOTE
PACK = "contract"
PRESETS = (5,)
OPTIONS = {"max-indexes": "how many indexes a table may have, its primary key's included"}

_MOST = 2 / 3  # of the columns
_FEW = 4  # indexes that no table is blamed for


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each new table, and each that passes the limit."""
    limit = options.of("index-on-every-column", "max-indexes", 8)
    for project in facts.projects:
        for table, before in touched_tables(project):
            over = len(table.indexes) > limit and not (before and len(before.indexes) > limit)
            plain = _plain(table)
            if table.partition_of or not (over or (before is None and _most(table, plain))):
                continue
            made = table_made(project, table) if before is None else _last_index(project, table)
            if made is None:
                continue
            names = tuple(index.name.partition(".")[2] for index in plain)
            count = f"{len(table.indexes)} indexes on {len(table.columns)} columns"
            yield made.finding(
                table,
                title=f"{code(table.full_name)} has {count}",
                message=f"Each INSERT into {code(table.full_name)} writes all of them:"
                f" {several(names, most=12)} and those behind keys.",
                subject=table.full_name,
                remedies=(
                    Remedy(
                        "Keep those that a query needs",
                        "Leave the others out of the revision and of the model. Later,"
                        " `pg_stat_user_indexes.idx_scan` tells which were never read.",
                    ),
                ),
            )


def _last_index(project: Project, table: Table) -> Origin | None:
    """Where the index was made that passed the limit."""
    news = [new for new in new_indexes(project) if new.table.full_name == table.full_name]
    return next(reversed(in_order(project, (index_made(project, new) for new in news))), None)


def _plain(table: Table) -> tuple[Index, ...]:
    """Indexes that no constraint needs."""
    return tuple(index for index in table.indexes if index.constraint is None)


def _most(table: Table, plain: tuple[Index, ...]) -> bool:
    """Whether most columns lead an index, that many that it can be no accident.

    What foreign keys need is none: without it each deleted row of the parent reads the table.
    """
    keys = [key.columns for key in table.foreign_keys if key.columns]
    free = [index for index in plain if not any(serves_lookup(index, key) for key in keys)]
    bound = {name for key in keys for name in key}
    bound |= {*table.primary_key.columns} if table.primary_key else set()
    rest = [column.name for column in table.columns if column.name not in bound]
    first = {index.columns[0] for index in free if index.columns}
    return len(free) > _FEW and len(first & set(rest)) >= _MOST * len(rest)
