"""A unique index counted the rows of all tenants together.

One tenant cannot use what another one has, and the error tells it that somebody has it: a name, an
address, an invoice number.

Put the tenant's column into the key.

Reference: https://www.postgresql.org/docs/current/indexes-unique.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.alembic_code import create_index, create_unique
from bot.explain.schema.new_objects import New, new_indexes
from bot.explain.schema.origin import index_made
from bot.explain.schema.tenancy import Tenancy, tenancy
from bot.facts import Facts, Project
from bot.facts.relation import Index
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.sql.queries import expression
from bot.wording import block, code, several

SEVERITY = Severity.WARN
PACK = "tenancy"
PRESETS = (5,)
OPTIONS = {"exempt": "columns that are unique in the world, such as `stripe_id`"}

_WORLDWIDE = ("token", "hash", "digest", "uuid", "guid", "nonce", "fingerprint")


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each index or constraint; random ids and tokens are unique by nature."""
    exempt = set(options.of("unique-across-tenants", "exempt", ("",)))
    for project in facts.projects:
        rules = tenancy(project, options)
        for new in new_indexes(project) if rules else ():
            column = rules.of(new.table) if rules else None
            if rules is None or column is None or not _across(project, rules, new, exempt):
                continue
            made = index_made(project, new)
            if made is None:
                continue
            keys = tuple(key.column or key.expression or "" for key in new.thing.keys)
            yield made.finding(
                new.table,
                title=f"{code(new.thing.name)} is unique across all tenants",
                message=f"{several(keys)} may stand in {code(new.table.full_name)} once for all of"
                f" them. {code(new.thing.name)} does not hold {code(column.name)}.",
                subject=new.thing.name,
                column=column.name,
                remedies=(_within(new, column.name),),
            )


def _across(project: Project, rules: Tenancy, new: New[Index], exempt: set[str]) -> bool:
    index, table = new.thing, new.table
    names = {name for name in index.columns if name}
    for key in index.keys:
        read = expression(key.expression) if key.expression else None
        names |= read.columns if read else frozenset()
    primary = table.primary_key
    if not index.unique or index.primary or rules.column in names or names & exempt:
        return False
    if primary is not None and set(primary.columns) <= names:
        return False
    for name in names:
        column = table.column(name)
        words = set(name.lower().split("_"))
        if column is None or column.type.base == "uuid" or words & set(_WORLDWIDE):
            return False
    # a row that belongs to one row of a tenant's table is that tenant's already
    head = project.schema
    targets = (head.table(item.references or "") for item in table.foreign_keys
               if head and set(item.columns) <= names)  # fmt: skip
    return not any(target and rules.of(target) for target in targets)


def _within(new: New[Index], column: str) -> Remedy:
    index, name = new.thing, new.thing.name.partition(".")[2]
    plain = tuple(key.column for key in index.keys if key.column)
    if index.constraint and len(plain) == len(index.keys):
        text = create_unique(new.table, name, (column, *plain))
    else:
        keys = tuple(key.column or f"<{key.expression}>" for key in index.keys)
        text = create_index(new.table, name, (column, *keys), unique="True")
    return Remedy(f"Count within one {code(column)}", block(text, "python"))
