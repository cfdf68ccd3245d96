"""What CHECK constraints demand of single columns, as far as their expressions tell. Pure.

The common shapes become rules; whatever is not understood is left to the server's verdict. Only
what helps to make values is kept: a value that obeys the rules may still be refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from bot.observe.rows import nulls
from bot.observe.rows.expression import Node, read
from bot.observe.rows.json_shape import Json, look_of
from bot.observe.rows.rule import ANYTHING, MOST_CHOICES, OPAQUE, Choice, Rule, together
from bot.observe.rows.tokens import Unreadable

_INVERSE = {
    "=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">",
    "~": "!~", "!~": "~", "~*": "!~*", "!~*": "~*", "~~": "!~~", "!~~": "~~",
}  # fmt: skip
_MIRRORED = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_KINDS = frozenset({"jsonb_typeof", "json_typeof"})
_ELEMENTS = frozenset({"jsonb_array_length", "json_array_length"})
_JSON = {"array": "array", "object": "object", "string": "text", "number": "number",
         "boolean": "boolean", "null": "null"}  # fmt: skip
_BUILT = {"build_array": Json("array"), "build_object": Json("object")}
_LENGTHS = frozenset({"length", "char_length", "character_length", "octet_length", "cardinality"})
_ALIKE = frozenset({"lower", "upper", "btrim", "rtrim", "ltrim", "abs", "initcap"})


def choices(definition: str) -> tuple[Choice, ...]:
    """The ways to satisfy a CHECK constraint: at least one, an opaque one where none is known."""
    try:
        tree = read(definition)
    except Unreadable:
        return (OPAQUE,)
    return tuple(islice(_ways(tree, positive=True), MOST_CHOICES)) or (OPAQUE,)


def default_look(expression: str) -> Json | None:
    """The look of JSON that a default gives, None where it gives none that is known."""
    try:
        tree = read(expression)
    except Unreadable:
        return None
    if tree.kind == "call":
        return _BUILT.get(tree.name.removeprefix("jsonb_").removeprefix("json_"))
    return look_of(tree.name) if tree.kind == "literal" else None


def _ways(node: Node, *, positive: bool) -> Iterator[Choice]:
    match node.kind:
        case "not":
            yield from _ways(node.parts[0], positive=not positive)
        case "and" | "or" if (node.kind == "and") == positive:
            yield from together(
                tuple(islice(_ways(part, positive=positive), MOST_CHOICES)) for part in node.parts
            )
        case "and" | "or":
            yield from _either(node, positive=positive)
        case "is null" if node.parts[0].kind == "column":
            yield Choice({node.parts[0].name: Rule(null=positive)})
        case "column":
            yield Choice({node.name: Rule(allowed=("true" if positive else "false",))})
        case "literal":
            if (node.name == "true") == positive:
                yield Choice()
        case "operator":
            yield from _compared(node, positive=positive)
        case _:
            yield OPAQUE


def _either(node: Node, *, positive: bool) -> Iterator[Choice]:
    """One part after the other; to be NULL only where every part asks for that."""
    parts = [part for part in node.parts if not positive or part.kind != "is null"] or node.parts
    for part in parts:
        yield from _ways(part, positive=positive)


def _compared(node: Node, *, positive: bool) -> Iterator[Choice]:
    left, right = node.parts
    symbol = node.name
    if left.kind == "literal" and symbol in _MIRRORED:
        left, right, symbol = right, left, _MIRRORED[symbol]
    if not positive:
        symbol = _INVERSE.get(symbol, "")
    tests = nulls.counted(left)
    if tests and right.kind == "literal":
        yield from nulls.with_count(tests, symbol, right.name)
    elif {left.kind, right.kind} <= {"is null", "not"}:
        yield from nulls.compared(left, symbol, right)
    elif left.kind == right.kind == "column":
        yield _related(left.name, symbol, right.name)
    else:
        yield _of_column(left, symbol, right)


def _of_column(left: Node, symbol: str, right: Node) -> Choice:
    """A column, its length, or what a harmless function makes of it, against literals."""
    parts = (right,) if right.kind == "literal" else right.parts if right.kind == "list" else ()
    values = tuple(part.name for part in parts if part.kind == "literal")
    rule = _of_value
    if left.kind == "call" and left.parts and left.name in _OF_CALLS:
        rule = _OF_CALLS[left.name]
        left = left.parts[0]
    if left.kind != "column" or not values:
        return OPAQUE
    found = rule(symbol, values)
    return Choice({left.name: found}) if found else OPAQUE


def _of_value(symbol: str, values: tuple[str, ...]) -> Rule | None:
    text = values[0]
    made = {
        "=": Rule(allowed=values),
        "<>": Rule(excluded=frozenset(values)),
        "<": Rule(high=(text, False)),
        "<=": Rule(high=(text, True)),
        ">": Rule(low=(text, False)),
        ">=": Rule(low=(text, True)),
        "~": Rule(patterns=(text,)),
        "~*": Rule(patterns=(text,)),
        "~~": Rule(patterns=(_like(text),)),
    }
    if symbol in ("!~", "!~*", "!~~"):
        return ANYTHING  # what is made here seldom looks like what is forbidden
    return made.get(symbol)


def _of_length(symbol: str, values: tuple[str, ...]) -> Rule | None:
    if not values[0].isdecimal():
        return None
    number = int(values[0])
    made = {
        "=": Rule(shortest=number, longest=number),
        "<>": Rule(shortest=number + 1),
        "<": Rule(longest=max(0, number - 1)),
        "<=": Rule(longest=number),
        ">": Rule(shortest=number + 1),
        ">=": Rule(shortest=number),
    }
    return made.get(symbol)


def _of_kind(symbol: str, values: tuple[str, ...]) -> Rule | None:
    """``jsonb_typeof``: objects where they are among several kinds, else the first of them."""
    if symbol != "=" or (len(values) > 1 and "object" in values):
        return ANYTHING
    kind = _JSON.get(values[0])
    return Rule(look=Json(kind)) if kind else None


def _of_elements(symbol: str, values: tuple[str, ...]) -> Rule | None:
    """``jsonb_array_length``: a list, of so many elements where more than two are asked for."""
    length = _of_length(symbol, values)
    return Rule(look=Json("array", least=length.shortest)) if length else None


_OF_CALLS = {
    **dict.fromkeys(_LENGTHS, _of_length),
    **dict.fromkeys(_ALIKE, _of_value),
    **dict.fromkeys(_KINDS, _of_kind),
    **dict.fromkeys(_ELEMENTS, _of_elements),
}


def _related(left: str, symbol: str, right: str) -> Choice:
    made = {
        "<": Choice(ordered=((left, right),)),
        "<=": Choice(ordered=((left, right),)),
        ">": Choice(ordered=((right, left),)),
        ">=": Choice(ordered=((right, left),)),
        "=": Choice(equal=((left, right),)),
        "<>": Choice(),  # values of different columns differ
    }
    return made.get(symbol, OPAQUE)


def _like(text: str) -> str:
    """LIKE's pattern as a regular expression."""
    out, escaped = [], False
    for char in text:
        if char == "\\" and not escaped:
            escaped = True
            continue
        wild = {"%": ".*", "_": "."}.get(char) if not escaped else None
        out.append(wild or (char if char.isalnum() else f"\\{char}"))
        escaped = False
    return f"^{''.join(out)}$"
