"""A new column that queries usually filter or sort by had no index that starts with it.

The first rows hide it; once there are many, every login by email or list by status reads the whole
table.

Index it, behind the tenant where each query names one; unique where no two rows may share a value.

Reference: https://www.postgresql.org/docs/current/indexes-intro.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.explain.guesses.column_words import LOOKUPS
from bot.explain.remedies.index import index_remedy
from bot.explain.schema.new_objects import new_columns
from bot.explain.schema.origin import column_made
from bot.facts import Facts
from bot.facts.relation import Index
from bot.facts.schema import Column, Table
from bot.policy import DEFAULTS, Confidence, Finding, Options, Severity
from bot.wording import code

SEVERITY = Severity.NOTE
PACK = "contract"
PRESETS = (2, 3, 5)
OPTIONS = {
    "lookup-columns": "names of columns that queries look up",
    "tenant-column": "the column that every query names first",
}


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each column."""
    names = options.of("unindexed-lookup-column", "lookup-columns", [*LOOKUPS])
    tenant = options.of("unindexed-lookup-column", "tenant-column", "tenant_id")
    for project in facts.projects:
        for new in new_columns(project):
            column, table = new.thing, new.table
            asked = new.before is None and column.name in names and not column.inherited
            if not asked or _found(table, column, tenant) or table.partition_of:
                continue
            made = column_made(project, new)
            if made is None:
                continue
            keys = (tenant, column.name) if table.column(tenant) else (column.name,)
            yield made.finding(
                table,
                title=f"{code(column.name)} of {code(table.full_name)} is not indexed",
                message=f"Queries usually look rows up by {code(column.name)}; without an index"
                f" each reads the whole of {code(table.full_name)}. The name alone says so: a query"
                " that filters by it would make it certain.",
                subject=f"{table.full_name}.{column.name}",
                column=column.name,
                confidence=Confidence.LIKELY,
                remedies=(index_remedy(facts, made, table, keys, new.base),),
            )


def _found(table: Table, column: Column, tenant: str) -> bool:
    """Whether an index starts with it, with the tenant and it, or with an expression on it."""
    return any(
        index.valid
        and (index.starts_with((column.name,)) or _tenant_first(index, column.name, tenant))
        for index in table.indexes
    ) or any(_expression(index, column.name) for index in table.indexes)


def _tenant_first(index: Index, column: str, tenant: str) -> bool:
    return index.columns[:2] in ((tenant, column), (column, tenant))


def _expression(index: Index, column: str) -> bool:
    first = index.keys[0].expression if index.keys else None
    return first is not None and re.search(rf"\b{re.escape(column)}\b", first) is not None
