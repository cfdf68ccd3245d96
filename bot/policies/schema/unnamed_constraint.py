"""A constraint or index was created without a name, so PostgreSQL chose one.

The chosen name depends on what was there at that moment: two databases with another history have
another, and the downgrade, the next migration and the error handling all need to know it.

Name it in the migration, or give the metadata a naming convention that names all.

Reference: https://alembic.sqlalchemy.org/en/latest/naming.html
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from bot.explain.remedies.name import naming_remedies
from bot.explain.schema.nameless import Nameless, nameless
from bot.facts import Facts
from bot.policy import Finding, Severity
from bot.wording import code, several

SEVERITY = Severity.BLOCK
PACK = "contract"
PRESETS = (1, 5)


_ARTICLE = ("A ", "An ")


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each line and table, with all that has no name there."""
    for project in facts.projects:
        found = sorted(nameless(project), key=_place)
        for _, group in groupby(found, key=_place):
            items = list(group)
            first = items[0]
            names = tuple(item.thing.name.removeprefix(f"{first.table.schema}.") for item in items)
            table = code(first.table.full_name)
            count = (
                f"{len(items)} constraints"
                if len(items) > 1
                else _ARTICLE[first.kind == "index"] + first.kind
            )
            yield first.made.finding(
                first.table,
                title=f"{count} of {table} {'have' if len(items) > 1 else 'has'} no name",
                message=f"PostgreSQL called {'them' if len(items) > 1 else 'it'} {several(names)};"
                " on a database with another history the name can be another.",
                subject=f"{first.table.full_name}: {', '.join(names)}",
                count=len(items),
                remedies=naming_remedies(project, items),
            )


def _place(item: Nameless) -> tuple[str, int, str]:
    return item.made.path, item.made.line, item.table.full_name
