"""An index held only the first keys of another.

The longer one answers whatever the shorter answers: both are kept up to date by every write for
one purpose.

Leave the shorter one out, unless it is much smaller and the queries that need it are many.

Reference: https://www.postgresql.org/docs/current/indexes-multicolumn.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.remedies.index import without_index
from bot.explain.schema.indexes import contained, same_keys
from bot.explain.schema.new_objects import new_indexes
from bot.explain.schema.origin import index_made
from bot.facts import Facts
from bot.facts.relation import Index
from bot.policy import Finding, Severity
from bot.wording import code

SEVERITY = Severity.NOTE
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each pair of which one is new."""
    for project in facts.projects:
        new = {item.thing.name: item for item in new_indexes(project)}
        told: set[str] = set()
        for item in new.values():
            for other in item.table.indexes:
                short, long = sorted((item.thing, other), key=lambda index: len(index.keys))
                if short.name in told or not _needless(short, long, item.table.indexes):
                    continue
                made = index_made(project, item)
                if made is None:
                    continue
                told.add(short.name)
                yield made.finding(
                    item.table,
                    title=f"{code(short.name)} is the beginning of {code(long.name)}",
                    message=f"Every query that {code(short.name)} serves, {code(long.name)} serves"
                    f" too: its first keys are the same. Both are written with every row of"
                    f" {code(item.table.full_name)}.",
                    subject=f"{short.name} < {long.name}",
                    remedies=without_index(facts, made, item, short),
                )


def _needless(short: Index, long: Index, indexes: tuple[Index, ...]) -> bool:
    """Whether the shorter could go: it is a plain one, and no twin of it is told already."""
    twin = any(same_keys(short, each) for each in indexes if each.name != short.name)
    plain = not short.unique and short.constraint is None and short.valid
    return plain and not twin and contained(short, long)
