"""Columns and tables that an upgrade took away with what was in them.

What the change itself made is left out, and so is what only has another name now. What a CASCADE
took along unnamed is not here but in ``bot.explain.losses.cascade``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.explain.losses.cascade import cascades
from bot.explain.losses.upgraded import Upgraded, altered
from bot.explain.names.names import own_name
from bot.explain.statements.ran import Ran
from bot.facts import Difference
from bot.policy import Confidence
from bot.sql import Drop

TABLES = ("table", "partitioned table", "foreign table")


@dataclass(frozen=True)
class Lost:
    """One table or column that is gone; ``definition`` is "" where it was not seen."""

    upgraded: Upgraded
    ran: Ran
    table: str
    column: str | None
    definition: str
    confidence: Confidence


def lost_columns(found: Upgraded) -> Iterator[Lost]:
    """Columns that are gone, or were dropped and made anew, in the order of the statements."""
    gone = {(item.table or "", own_name(item)): item for item in found.gone("column")}
    both = {
        (item.table or "", own_name(item))
        for item in found.changed
        if item.kind == "column" and item.attribute
    }
    done: set[tuple[str, str]] = set()
    for each, table, column, _ in altered(found, "drop column"):
        if not found.existed(table, each):
            continue
        for name in _family(found, table, each):
            key = (name, column)
            item = gone.pop(key, None)
            there = item is not None or key in both or found.column_at_base(*key) is not None
            own = ("column", f"{name}.{column}") in found.born
            if there and not own and key not in done and name == table:
                done.add(key)
                sure = Confidence.OBSERVED if item else Confidence.CERTAIN
                yield Lost(found, each, name, column, _definition(found, key, item), sure)
    for (table, column), item in gone.items():
        if not _explained(found, item) and found.existed(table):
            by = found.unexplained(table)
            yield Lost(found, by, table, column, item.before or "", Confidence.OBSERVED)


def lost_tables(found: Upgraded) -> Iterator[Lost]:
    """Tables that are gone, or were dropped and made anew, in the order of the statements."""
    gone = {item.name: item for item in found.gone(*TABLES)}
    for each in found.ran:
        if _takes_along(each):
            continue
        for effect in each.effects:
            if effect.dropped and effect.existed and effect.kind in TABLES:
                item = gone.pop(effect.relation, None)
                definition = item.before or "" if item else ""
                yield Lost(found, each, effect.relation, None, definition, each.confidence)
    if all(each.observed for each in found.ran) and found.ran:
        return  # every DROP was seen, by oid: what else is gone has another name
    for name, item in gone.items():
        if not _explained(found, item):
            by = found.unexplained(name)
            yield Lost(found, by, name, None, item.before or "", Confidence.OBSERVED)


def _family(found: Upgraded, table: str, each: Ran) -> list[str]:
    """The table and its partitions and children: what is dropped from it is dropped from them."""
    base = found.project.base_schema
    family = [table]
    for item in base.tables if base else ():
        parents = {*item.inherits, *((item.partition_of,) if item.partition_of else ())}
        if parents & set(family):
            family.append(item.full_name)
    seen = (effect.relation for effect in each.effects if effect.kind in TABLES)
    return list(dict.fromkeys((*family, *(name for name in seen if _columns_changed(found, name)))))


def _columns_changed(found: Upgraded, table: str) -> bool:
    return any(item.kind == "column" and item.table == table for item in found.changed)


def _definition(found: Upgraded, key: tuple[str, str], item: Difference | None) -> str:
    if item:
        return item.before or ""
    column = found.column_at_base(*key)
    return f"{column.name} {column.type.name}" if column else ""


def _takes_along(each: Ran) -> bool:
    """Whether it drops, by CASCADE, tables that it does not name."""
    return any(
        isinstance(piece.detail, Drop) and piece.detail.object not in ("table", "foreign table")
        for piece in each.pieces
    )


def _explained(found: Upgraded, item: Difference) -> bool:
    """Whether something else than a loss tells why it is gone: a new name, or a CASCADE."""
    if found.is_renamed(item) or any(cascades(each) for each in found.ran):
        return True
    shape = (item.before or "").partition(" ")[2]
    return item.kind == "column" and any(
        other.kind == "column"
        and other.before is None
        and other.table == item.table
        and (other.after or "").partition(" ")[2] == shape
        for other in found.changed
    )
