"""What PostgreSQL drops with a column without being told: keys, constraints, indexes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.explain.losses.cascade import mentions, names_it
from bot.explain.losses.lost import Lost, lost_columns
from bot.explain.losses.upgraded import Upgraded
from bot.facts import Difference
from bot.policy import Confidence


@dataclass(frozen=True)
class Went:
    """What went with a column; ``stay`` are the columns of an index that are not dropped."""

    lost: Lost
    item: Difference
    stay: tuple[str, ...]
    confidence: Confidence


def went_with_columns(found: Upgraded) -> Iterator[Went]:
    """Constraints, and indexes of which some column stays, that no statement drops by name.

    What the revision makes anew under the old name went too: base's catalogue tells of it.
    """
    lost = list(lost_columns(found))
    gone = found.gone("constraint", "index")
    seen = {(item.kind, item.name) for item in gone}
    tables = dict.fromkeys(each.table for each in lost)
    known = (item for name in tables for item in _at_base(found, name))
    again = [item for item in known if _key(item) not in seen | found.died]
    for item in (*gone, *again):
        of = [
            each
            for each in lost
            if each.table == item.table and mentions(_tail(item), each.column or "")
        ]
        if not of or names_it(found, item) or found.is_renamed(item):
            continue
        stay = _stay(found, item, {each.column or "" for each in of})
        if item.kind == "constraint" or stay:
            sure = Confidence.OBSERVED if _key(item) in seen else Confidence.CERTAIN
            yield Went(of[0], item, stay if item.kind == "index" else (), sure)


def _key(item: Difference) -> tuple[str, str]:
    return item.kind, item.name


def _at_base(found: Upgraded, name: str) -> Iterator[Difference]:
    """The table's constraints and further indexes as base has them."""
    table = found.at_base(name)
    for key in table.constraints if table else ():
        yield Difference("constraint", f"{name}.{key.name}", key.definition, None, table=name)
    for index in table.indexes if table else ():
        if index.constraint is None:
            yield Difference("index", index.name, index.definition, None, table=name)


def _tail(item: Difference) -> str:
    """The definition without the names of the index and its table."""
    text = item.before or ""
    return text.partition(" USING ")[2] if item.kind == "index" else text


def _stay(found: Upgraded, item: Difference, dropped: set[str]) -> tuple[str, ...]:
    table = found.at_base(item.table or "")
    names = [column.name for column in table.columns] if table else []
    return tuple(name for name in names if name not in dropped and mentions(_tail(item), name))
