"""A new table had no index but its primary key's.

Rows are hardly ever asked for by their key alone: lists by owner, by state, by date read all of it,
and it is empty only today.

Index the column that the first list will filter by, while building the index costs nothing.

Reference: https://www.postgresql.org/docs/current/indexes-intro.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.guesses.column_words import (
    CREATED,
    LOOKUPS,
    STATES,
    ends_with_word,
    is_flag,
    is_time,
)
from bot.explain.remedies.index import index_remedy
from bot.explain.schema.new_objects import new_tables
from bot.explain.schema.origin import table_made
from bot.facts import Facts
from bot.facts.schema import Column, Table
from bot.policy import DEFAULTS, Confidence, Finding, Options, Severity
from bot.wording import code

SEVERITY = Severity.WARN
PACK = "contract"
PRESETS = (1, 2, 3, 4, 5)
TOLD_BY = ("tenant-not-indexed", "unindexed-foreign-key")
OPTIONS = {"exempt": "tables (`schema.name`) that need no index"}


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each table with a column worth an index."""
    exempt = options.of("table-without-filter-index", "exempt", [""])
    for project in facts.projects:
        for table in new_tables(project):
            column = likeliest(table)
            others = any(not index.primary for index in table.indexes)
            if others or column is None or table.full_name in exempt:
                continue
            made = table_made(project, table)
            if made is None:
                continue
            yield made.finding(
                table,
                title=f"{code(table.full_name)} is indexed by its key alone",
                message=f"A query that filters {code(table.full_name)} by anything else reads all"
                f" of it. The likeliest column to filter by is {code(column.name)}.",
                subject=table.full_name,
                column=column.name,
                confidence=Confidence.CERTAIN,
                remedies=(index_remedy(facts, made, table, (column.name,), None),),
            )


def likeliest(table: Table) -> Column | None:
    """The column that lists will filter by: a parent, a lookup, a state, a time; else a name."""
    key = table.primary_key
    rest = [item for item in table.columns if key is None or item.name not in key.columns]
    if key and len(key.columns) > 1:
        rest += [item for item in table.columns if item.name in key.columns[1:]]
    parents = {name for foreign in table.foreign_keys for name in foreign.columns[:1]}
    ranks = (
        lambda item: item.name in parents or item.name.endswith("_id"),
        lambda item: item.name in LOOKUPS,
        lambda item: ends_with_word(item.name, STATES) and not is_flag(item),
        lambda item: is_time(item.type) and item.name in CREATED,
        lambda item: is_time(item.type) or item.type.base == "date",
        lambda item: item.name in ("name", "title"),
    )
    return next((item for rank in ranks for item in rest if rank(item)), None)
