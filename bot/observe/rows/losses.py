"""What is gone of the contents of tables: by key, column by column. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot.facts.rows import Loss
from bot.observe.rows.alike import alike, is_after
from bot.observe.rows.contents import Cell, Content, Contents, Values
from bot.observe.rows.mask import shape

_SHOWN = 60  # characters of an example


@dataclass(frozen=True)
class Comparison:
    """How to compare.

    ``since`` is when the run began: a time that is later was set by a trigger or the like, and is
    no loss. ``masked`` are tables whose values are the user's. ``later``: the rows were written
    after the upgrade.
    """

    since: datetime
    masked: Collection[str] = ()
    later: bool = False


def losses(before: Contents, after: Contents, how: Comparison) -> tuple[Loss, ...]:
    """What the tables held before and do not hold any more, table by table.

    A table that is gone is left out: that is a difference of the schema. Rows that were added do
    not count.
    """
    found = []
    for name, content in before.items():
        now = after.get(name)
        if now is None or not content.rows:
            continue
        keyed = content.keyed and now.keyed
        loss = _by_key(name, content, now, how) if keyed else _by_count(name, content, now, how)
        if loss is not None:
            found.append(loss)
    return tuple(found)


def _by_key(name: str, before: Content, after: Content, how: Comparison) -> Loss | None:
    gone = [key for key in before.rows if key not in after.rows]
    if gone and not after.cut and len(gone) == len(before.rows) <= len(after.rows):
        return _by_count(name, before, after, how)  # the keys themselves are others now
    if after.cut:
        gone = []
    places = {column: place for place, column in enumerate(after.columns)}
    shared = [
        (column, place, places[column])
        for place, column in enumerate(before.columns)
        if column in places
    ]
    changed: dict[str, tuple[Cell, Cell]] = {}
    rows = set()
    for key, row in before.rows.items():
        now = after.rows.get(key)
        for column, there, here in shared if now is not None else ():
            assert now is not None  # noqa: S101 - the loop is empty otherwise
            if not alike(row[there], now[here]) and not is_after(now[here], how.since):
                changed.setdefault(column, (row[there], now[here]))
                rows.add(key)
    if not gone and not changed:
        return None
    columns = tuple(changed)
    example = changed[columns[0]] if columns else (None, None)
    return _loss(name, before, columns, len(rows) + len(gone), len(gone), example, how)


def _by_count(name: str, before: Content, after: Content, how: Comparison) -> Loss | None:
    """Without a key: rows that are not there as often as they were, over the shared columns."""
    if before.cut or after.cut:
        return None
    shared = [column for column in before.columns if column in after.columns]
    was, now = _counted(before, shared), _counted(after, shared)
    missing = was - now
    if not missing:
        return None
    for column in shared:  # is it one column alone?
        rest = [item for item in shared if item != column]
        if rest and not _counted(before, rest) - _counted(after, rest):
            lost = _counted(before, [column]) - _counted(after, [column])
            value = next(iter(lost), (None,))[0]
            return _loss(name, before, (column,), missing.total(), 0, (value, None), how)
    return _loss(name, before, (), missing.total(), missing.total(), (None, None), how)


def _counted(content: Content, columns: list[str]) -> Counter[Values]:
    places = [content.columns.index(column) for column in columns]
    found: Counter[Values] = Counter()
    for row in content.rows.values():
        times = content.counts.get(row, 1) if not content.keyed else 1
        found[tuple(row[place] for place in places)] += times
    return found


def _loss(
    name: str,
    before: Content,
    columns: tuple[str, ...],
    rows: int,
    gone: int,
    example: tuple[Cell, Cell],
    how: Comparison,
) -> Loss:
    compared = len(before.rows) if before.keyed else sum(before.counts.values())
    was, now = (_shown(value, masked=name in how.masked) for value in example)
    return Loss(name, rows, columns, gone, compared, was, now, how.later)


def _shown(value: Cell, *, masked: bool) -> str | None:
    if value is None:
        return None
    text = shape(value) if masked else value
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
