"""Two indexes of one table held the same keys.

Each is written on every INSERT and on most UPDATEs, kept in memory and vacuumed; the planner uses
one of them. A unique constraint brings its index along, so one beside it is such a pair.

Keep the one that a constraint needs, or the unique one, or the older one.

Reference: https://www.postgresql.org/docs/current/indexes-unique.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.remedies.index import without_index
from bot.explain.schema.indexes import same_keys
from bot.explain.schema.new_objects import New, new_indexes
from bot.explain.schema.origin import index_made
from bot.facts import Facts
from bot.facts.relation import Index
from bot.facts.schema import Table
from bot.policy import Finding, Severity
from bot.wording import code

SEVERITY = Severity.WARN
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each new index that another makes superfluous, or that does so to another."""
    for project in facts.projects:
        new = {item.thing.name: item for item in new_indexes(project)}
        for item in new.values():
            twin = _twin(item.table, item.thing, new)
            if twin is None:
                continue
            made = index_made(project, item)
            if made is None:
                continue
            needless = min(item.thing, twin, key=_weight)
            kept = twin if needless is item.thing else item.thing
            table = code(item.table.full_name)
            yield made.finding(
                item.table,
                title=f"{code(item.thing.name)} holds the same keys as {code(twin.name)}",
                message=f"The {_told(item.thing)} and the {_told(twin)} of {table} hold the same"
                f" keys of the same rows. {code(kept.name)} answers every query that"
                f" {code(needless.name)} answers.",
                subject=f"{item.thing.name} = {twin.name}",
                remedies=without_index(facts, made, item, needless),
            )


def _twin(table: Table, index: Index, new: dict[str, New[Index]]) -> Index | None:
    """The first that is the same; of two new ones only the lesser is told."""
    for other in table.indexes:
        if other.name == index.name or not (index.valid and other.valid):
            continue
        told = other.name in new and (_weight(other), other.name) < (_weight(index), index.name)
        if same_keys(index, other) and not told:
            return other
    return None


def _weight(index: Index) -> tuple[bool, bool, int]:
    """What speaks for keeping it: a key, uniqueness, the columns that it carries."""
    return index.constraint is not None, index.unique, len(index.include)


def _told(index: Index) -> str:
    if index.constraint:
        return f"index behind the constraint {code(index.constraint)}"
    return f"{'unique index' if index.unique else 'index'} {code(index.name)}"
