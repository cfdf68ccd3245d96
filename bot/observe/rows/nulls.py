"""Constraints that count NULLs: exactly one of several columns, all or none of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations, product

from bot.observe.rows.expression import Node
from bot.observe.rows.rule import OPAQUE, Choice, Rule

_FITS: dict[str, Callable[[int, int], bool]] = {
    "=": int.__eq__, "<>": int.__ne__, "<": int.__lt__,
    "<=": int.__le__, ">": int.__gt__, ">=": int.__ge__,
}  # fmt: skip


def counted(node: Node) -> list[tuple[str, bool]]:
    """The columns whose NULLs an expression counts, and whether it is NULL that counts.

    It is a sum of tests (``(a IS NULL)::integer + …``), ``num_nulls`` or ``num_nonnulls``; the list
    is empty for any other.
    """
    if node.kind == "call" and node.name in ("num_nulls", "num_nonnulls"):
        names = [part.name for part in node.parts if part.kind == "column"]
        return [(name, node.name == "num_nulls") for name in names]
    if node.kind != "operator" or node.name != "+":
        return []
    tests = [_test(part) for part in _summands(node)]
    return [test for test in tests if test] if all(tests) else []


def with_count(tests: list[tuple[str, bool]], symbol: str, number: str) -> Iterator[Choice]:
    """Every way in which so many of the tests hold."""
    if symbol not in _FITS or not number.isdecimal():
        yield OPAQUE
        return
    for count in range(len(tests) + 1):
        if not _FITS[symbol](count, int(number)):
            continue
        for chosen in combinations(range(len(tests)), count):
            yield Choice(
                {
                    name: Rule(null=null == (place in chosen))
                    for place, (name, null) in enumerate(tests)
                }
            )


def compared(left: Node, symbol: str, right: Node) -> Iterator[Choice]:
    """``(a IS NULL) = (b IS NULL)`` and its like."""
    one, other = _test(left), _test(right)
    if one is None or other is None or symbol not in ("=", "<>"):
        yield OPAQUE
        return
    for first, second in product((False, True), repeat=2):
        if (first == second) == (symbol == "="):
            yield Choice(
                {one[0]: Rule(null=first == one[1]), other[0]: Rule(null=second == other[1])}
            )


def _summands(node: Node) -> Iterator[Node]:
    for part in node.parts:
        if part.kind == "operator" and part.name == "+":
            yield from _summands(part)
        else:
            yield part


def _test(node: Node) -> tuple[str, bool] | None:
    """The column that is tested, and whether the test asks for NULL."""
    positive = True
    while node.kind == "not":
        node, positive = node.parts[0], not positive
    if node.kind != "is null" or node.parts[0].kind != "column":
        return None
    return node.parts[0].name, positive
