"""Constraints on several columns, solved by asking the server which values they let pass."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from itertools import product
from random import Random
from typing import TYPE_CHECKING

from bot.facts.data_types import DataType
from bot.facts.rows import Trait
from bot.observe.rows.maker import Wanted
from bot.observe.rows.numbers import NUMBERS
from bot.observe.rows.odd import odd
from bot.observe.rows.plan import Planned
from bot.observe.rows.rule import ANYTHING
from bot.observe.rows.scalars import TEXTS
from bot.observe.rows.times import TIMES
from bot.observe.rows.tokens import literals
from bot.observe.rows.values import Values

if TYPE_CHECKING:
    from psycopg import Connection

_SINGLES = frozenset({Trait.EMPTY, Trait.EXTREMES, Trait.OLD_DATES})
_MOST = 1200  # combinations asked about
_EACH = 12  # candidates of one column among several

Combination = tuple[str | None, ...]


def passing(
    connection: Connection[tuple[object, ...]],
    definitions: Sequence[str],
    columns: Sequence[Planned],
    values: Values,
    wanted: Wanted,
) -> list[Combination]:
    """Values of these columns that all the CHECK constraints let pass, those without NULL first.

    Raises:
        psycopg.Error: a constraint cannot be asked by itself.
    """
    from psycopg import sql

    tried = _combinations(definitions, columns, values, wanted)
    if not tried:
        return []
    names = [sql.Identifier(column.name) for column in columns]
    arrays = sql.SQL(", ").join(
        sql.SQL("pg_catalog.unnest({}::text[])").format(sql.Literal(list(items)))
        for items in zip(*tried, strict=True)
    )
    casts = sql.SQL(", ").join(
        sql.SQL("{0}::{1} AS {0}").format(name, sql.SQL(column.type.name))
        for name, column in zip(names, columns, strict=True)
    )
    query = sql.SQL(
        "SELECT number FROM (SELECT {casts}, number FROM ROWS FROM ({arrays})"
        " WITH ORDINALITY AS tried({names}, number)) typed WHERE {condition}"
    ).format(
        casts=casts,
        arrays=arrays,
        names=sql.SQL(", ").join(names),
        condition=sql.SQL(" AND ").join(
            sql.SQL("({}) IS NOT FALSE").format(sql.SQL(_condition(item))) for item in definitions
        ),
    )
    found = connection.execute(query).fetchall()
    passed = [tried[int(str(number)) - 1] for (number,) in found]
    return sorted(passed, key=lambda items: items.count(None))


def _condition(definition: str) -> str:
    """The expression of ``CHECK (…)``."""
    body = definition.removeprefix("CHECK ").strip()
    for ending in (" NOT VALID", " NO INHERIT", " NOT ENFORCED"):
        body = body.removesuffix(ending)
    return body


def _combinations(
    definitions: Sequence[str], columns: Sequence[Planned], values: Values, wanted: Wanted
) -> list[Combination]:
    written = [text for item in definitions for text in literals(item)]
    numbers = range(wanted.first, wanted.first + 2 * wanted.count)
    natural = [[_natural(column, values, row) for row in numbers] for column in columns]
    found: list[Combination] = list(zip(*natural, strict=True))
    for change in (str.upper, str.title):
        found += [tuple(item and change(item) for item in items) for items in found]
    pools = [
        _candidates(column, written, ordinary)
        for column, ordinary in zip(columns, natural, strict=True)
    ]
    several = list(product(*pools)) if _size(pools) <= _MOST else _some(pools)
    found += several
    return [item for item in dict.fromkeys(found) if _complete(item, columns)][
        : _MOST + wanted.count
    ]


def _natural(column: Planned, values: Values, row: int) -> str | None:
    return values(column.name, column.type, column.rule, row, column.rank)


def _complete(items: Combination, columns: Sequence[Planned]) -> bool:
    return all(
        item is not None or column.nullable for item, column in zip(items, columns, strict=True)
    )


def _candidates(
    column: Planned, written: Sequence[str], ordinary: Sequence[str | None]
) -> list[str | None]:
    found: list[str | None] = [*(column.rule.allowed or ())[:_EACH]]
    if not found:
        found += [value for text in written for value in _near(text, column.type)]
        found += [*ordinary[:3], *odd(column.name, column.type, ANYTHING, _SINGLES)]
    if column.nullable:
        found.append(None)
    return list(dict.fromkeys(found))[: _EACH * 3]


def _near(text: str, kind: DataType) -> tuple[str, ...]:
    """A literal and its neighbours as values of that type; nothing where it is none."""
    if kind.array or kind.kind not in ("base", "enum"):
        return ()
    if kind.base in NUMBERS:
        try:
            number = Decimal(text)
        except InvalidOperation:
            return ()
        whole = "int" in kind.base
        near = (number, number + 1, number - 1)
        return tuple(str(int(item) if whole else item) for item in near)
    if kind.base == "boolean":
        return ("true", "false")
    dated = text[:4].isdecimal() and text[4:5] == "-"
    if kind.base in TEXTS or kind.kind == "enum" or (kind.base in TIMES and dated):
        return (text,)
    return ()


def _size(pools: Sequence[Sequence[str | None]]) -> int:
    size = 1
    for pool in pools:
        size *= len(pool)
    return size


def _some(pools: Sequence[Sequence[str | None]]) -> list[Combination]:
    chance = Random(_MOST)  # noqa: S311 - no secret, and the same every time
    return [tuple(chance.choice(pool) for pool in pools) for _ in range(_MOST)]
