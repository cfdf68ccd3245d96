"""An index of several columns held the tenant's column, and not first.

Every query has one tenant. With another column in front, the index is read across the rows of all
tenants, and the planner often leaves it alone.

Put the tenant's column first.

Reference: https://www.postgresql.org/docs/current/indexes-multicolumn.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.alembic_code import create_index
from bot.explain.schema.new_objects import new_indexes
from bot.explain.schema.origin import index_made
from bot.explain.schema.tenancy import tenancy
from bot.facts import Facts
from bot.facts.relation import Index
from bot.facts.schema import Table
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code, several

SEVERITY = Severity.WARN
PACK = "tenancy"
PRESETS = (3, 5)
OPTIONS = {"after": "columns that may stand before the tenant's"}


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each new index; what a composite foreign key points to is left alone."""
    before = set(options.of("tenant-not-leading", "after", ("",)))
    for project in facts.projects:
        rules = tenancy(project, options)
        for new in new_indexes(project) if rules else ():
            column = rules.of(new.table) if rules else None
            columns = new.thing.columns
            if column is None or column.name not in columns or new.thing.method != "btree":
                continue
            place = columns.index(column.name)
            leading = {name for name in columns[:place] if name}
            if place == 0 or leading <= before or _is_target(new.table, new.thing, column.name):
                continue
            made = index_made(project, new)
            if made is None:
                continue
            rest = tuple(name for name in columns if name and name != column.name)
            unique = {"unique": "True"} if new.thing.unique else {}
            keys, name = (column.name, *rest), new.thing.name.partition(".")[2]
            text = create_index(new.table, name, keys, concurrently=new.base is not None, **unique)
            yield made.finding(
                new.table,
                title=f"{code(new.thing.name)} has {code(column.name)} behind"
                f" {several(tuple(name or 'an expression' for name in columns[:place]))}",
                message=f"A query of {code(new.table.full_name)} for one {code(column.name)} reads"
                f" {code(new.thing.name)} across the rows of all.",
                subject=new.thing.name,
                column=column.name,
                remedies=(
                    Remedy(
                        f"Put {code(column.name)} first",
                        f"Instead of {code(new.thing.name)}:\n\n{block(text, 'python')}",
                    ),
                ),
            )


def _is_target(table: Table, index: Index, column: str) -> bool:
    """Whether it is the table's key with the tenant, which composite foreign keys point to."""
    key = table.primary_key
    rest = {name for name in index.columns if name != column}
    return index.unique and key is not None and rest == set(key.columns) - {column}
