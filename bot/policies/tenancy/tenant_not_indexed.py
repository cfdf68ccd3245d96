"""No index of a table started with the column that says whose a row is.

Every query of one tenant filters by it, and so does every policy: without an index each of them
reads the rows of all tenants.

Create an index that starts with it, with the table.

Reference: https://www.postgresql.org/docs/current/indexes-multicolumn.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.remedies.index import index_remedy
from bot.explain.schema.indexes import lookup_index
from bot.explain.schema.new_objects import New
from bot.explain.schema.origin import column_made, index_lost
from bot.explain.schema.tenancy import owned, tenancy
from bot.facts import Facts
from bot.facts.schema import Table
from bot.policy import DEFAULTS, Finding, Options, Severity
from bot.wording import code, several

SEVERITY = Severity.WARN
PACK = "tenancy"
PRESETS = (2, 3, 5)
OPTIONS = {"then": 'columns that one index has to hold after it where they exist: `["created_at"]`'}


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each new column without an index, and each table that lost its index."""
    then = options.of("tenant-not-indexed", "then", ("",))
    for project in facts.projects:
        rules = tenancy(project, options)
        for table, column, before in owned(project, rules) if rules else ():
            wanted = (column.name, *(name for name in then if name and table.column(name)))
            old = before.column(column.name) if before else None
            if _served(table, wanted) or (before and old and not _served(before, wanted)):
                continue
            lost = lookup_index(before, (column.name,)) if before else None
            gone = lost if lookup_index(table, (column.name,)) is None else None
            made = (
                index_lost(project, table, gone)
                if gone
                else column_made(project, New(table, column, old, before))
            )
            if made is None:
                continue
            yield made.finding(
                table,
                title=f"No index of {code(table.full_name)} starts with {several(wanted)}",
                message=_message(table, wanted),
                subject=f"{table.full_name}.{column.name}",
                column=column.name,
                remedies=(index_remedy(facts, made, table, wanted, before),),
            )


def _message(table: Table, wanted: tuple[str, ...]) -> str:
    tenant, *then = wanted
    if then and lookup_index(table, (tenant,)) is not None:
        return (
            f"An index finds the rows of one {code(tenant)}, and a query that wants them by"
            f" {several(tuple(then))} reads and sorts all of them."
        )
    name = code(table.full_name)
    return f"Whoever asks {name} for the rows of one {code(tenant)} reads those of all."


def _served(table: Table, wanted: tuple[str, ...]) -> bool:
    """Whether an index finds one tenant's rows, in the order of the other columns if asked for."""
    if len(wanted) == 1:
        return lookup_index(table, wanted) is not None
    return any(index.valid and index.columns[: len(wanted)] == wanted for index in table.indexes)
