"""The queries that an index is for, and some like them that it is not for. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.consult.asked import Use
from bot.consult.index_choice import Choice
from bot.facts.schema import Column, Table
from bot.facts.trial import Shape
from bot.sql import quoted
from bot.wording import code

PAGE = 20  # rows of a result that is read page by page


def shapes(table: Table, choice: Choice) -> tuple[Shape, ...]:
    """The query shapes, those that are served first."""
    if not choice.keys:
        return ()
    found = _btree(table, choice) if choice.method == "btree" else _other(choice)
    return tuple(dict.fromkeys(found))


def _btree(table: Table, choice: Choice) -> Iterator[Shape]:
    equal, ranges = choice.used(Use.EQUAL), choice.used(Use.RANGE)
    fixed = (choice.predicate,) if choice.predicate else ()
    given = tuple((name, "=") for name in equal)
    if ranges:
        yield Shape((*given, (ranges[0], ">=")), fixed, why="every condition bounds the index")
        yield Shape(
            given,
            fixed,
            (ranges[0],),
            descending=any(key.descending for key in choice.keys[len(equal) : len(equal) + 1]),
            limit=PAGE,
            why="the index gives the order: no sort",
        )
    elif given:
        yield Shape(given, fixed, why="every condition bounds the index")
    if len(equal) > 1:
        yield Shape(given[:1], fixed, why="the beginning of the index")
    if choice.include:
        needed = (*choice.columns, *choice.include)
        yield Shape(
            given or tuple((name, ">=") for name in ranges[:1]),
            fixed,
            select=needed,
            why="the index holds all that is read (index-only scan)",
        )
    yield from _not_btree(table, choice, given, ranges)


def _not_btree(
    table: Table, choice: Choice, given: tuple[tuple[str, str], ...], ranges: tuple[str, ...]
) -> Iterator[Shape]:
    fixed = (choice.predicate,) if choice.predicate else ()
    first = choice.columns[0]
    others = (*given[1:], *((name, ">=") for name in ranges[:1] if given))
    if others:
        yield Shape(
            others[:1],
            fixed,
            served=False,
            why=f"the index begins with {code(first)}, which is not given",
        )
    if choice.predicate and given:
        yield Shape(
            given, served=False, why="the condition of the partial index is not in the query"
        )
    for column in _texts(table, choice):
        name = quoted(column.name)
        yield Shape(
            fixed=(f"{name} ILIKE '%word%'",),
            served=False,
            why="text within a text: that takes a GIN index of the extension `pg_trgm`",
        )
        yield Shape(
            fixed=(f"lower({name}) = 'word'",),
            served=False,
            why=f"a function of the column: that takes an index on {code(f'lower({name})')}",
        )


def _texts(table: Table, choice: Choice) -> tuple[Column, ...]:
    keys = [table.column(name) for name in choice.used(Use.EQUAL)]
    found = [item for item in keys if item and item.type.category == "S" and not item.type.array]
    return tuple(found[:1])


def _other(choice: Choice) -> Iterator[Shape]:
    fixed = (choice.predicate,) if choice.predicate else ()
    for key in choice.keys:
        name, base = key.column.name, key.column.type
        if base.base == "tsvector":
            yield Shape(((name, "@@"),), fixed, why="words in the text")
        elif base.kind in ("range", "multirange"):
            yield Shape(((name, "&&"),), fixed, why="ranges that overlap")
        elif base.array or base.base == "jsonb":
            yield Shape(((name, "@>"),), fixed, why="it contains these values")
            if base.array:
                yield Shape(((name, "&&"),), fixed, why="it has one of these values")
            yield Shape(((name, "="),), fixed, served=base.array, why="the whole value, compared")
        elif choice.method == "gist":
            yield Shape(((name, "<@"),), fixed, why="what lies within")
