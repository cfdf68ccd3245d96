"""Columns whose ordinary values are made to fit head, though base allows more. Pure.

What ordinary rows lose is a finding; of these columns they cannot tell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from bot.facts.data_types import DataType
from bot.facts.rows import Loss, Trait
from bot.observe.rows.fill import Order
from bot.observe.rows.narrow import SIZES
from bot.observe.rows.plan import plan_table
from bot.observe.rows.scalars import TEXTS
from bot.observe.rows.values import Values

WIDE = frozenset({Trait.LONG, Trait.EXTREMES, Trait.DROPPED})
Tamed = Mapping[str, Mapping[str, bool]]
"""By table the columns, and whether they lost values that base lists, and not mere room."""


def tamed(order: Order) -> Tamed:
    """The columns of these tables that hold shorter texts, smaller numbers, fewer listed values."""
    values = Values(order.base, order.head)
    same_enums = order.base.enums == order.head.enums
    found = {}
    for name in order.tables:
        table, after = order.base.table(name), order.head.table(name)
        if table is None or after is None or (same_enums and table == after):
            continue
        columns = {}
        for planned in plan_table(table, order.base, order.head, values).columns:
            before, then = table.column(planned.name), after.column(planned.name)
            if before and then and (planned.dropped or narrower(before.type, then.type)):
                columns[planned.name] = bool(planned.dropped)
        if columns:
            found[name] = columns
    return found


def narrower(before: DataType, then: DataType) -> bool:
    """Whether the second takes shorter texts, or smaller numbers, than the first."""
    if before.array or then.array:
        return False
    if before.base in TEXTS and then.base in TEXTS:
        return then.length is not None and (before.length is None or then.length < before.length)
    if before.base not in SIZES or then.base not in SIZES:
        return False
    if then.base != before.base or then.precision is None:
        return SIZES.index(then.base) < SIZES.index(before.base)
    scale, whole = then.scale or 0, then.precision - (then.scale or 0)
    return (
        before.precision is None
        or (before.scale or 0) > scale
        or before.precision - (before.scale or 0) > whole
    )


def told(found: Collection[Loss], known: Collection[Loss], columns: Tamed) -> Iterator[Loss]:
    """Of the losses those of such columns that are not known already."""
    for loss in found:
        names = columns.get(loss.table, {})
        before = [each for each in known if each.table == loss.table]
        seen = {name for each in before for name in each.columns}
        lost = tuple(name for name in loss.columns if name in names and name not in seen)
        if lost and lost == loss.columns:
            yield replace(loss, odd=True)
        elif lost:
            yield replace(loss, columns=lost, before=None, after=None, odd=True)
        elif names and loss.gone and not loss.columns and not any(each.gone for each in before):
            yield replace(loss, odd=True)
