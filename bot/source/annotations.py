"""Annotations: whether they allow None, what they wrap, which names stand in them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.source.names import Names

_WRAPPERS = frozenset({"Mapped", "DynamicMapped", "WriteOnlyMapped", "ClassVar", "InitVar"})
_NEVER_NONE = frozenset(
    {"str", "int", "float", "bool", "bytes", "list", "dict", "set", "tuple", "frozenset"}
    | {f"datetime.{name}" for name in ("datetime", "date", "time", "timedelta")}
    | {"decimal.Decimal", "uuid.UUID", "typing.List", "typing.Dict", "typing.Set"}
)
_DEEP = 20


@dataclass(frozen=True)
class Annotation:
    """The annotation of an attribute or a parameter.

    ``wrapper`` is ``Mapped``, ``WriteOnlyMapped`` and the like, "" where it stands bare. ``names``
    are all dotted names in it. ``optional`` is None where an alias or a foreign type hides it.
    """

    text: str
    wrapper: str = ""
    names: tuple[str, ...] = ()
    optional: bool | None = None


@dataclass(frozen=True)
class Aliases:
    """What decides about bare names: the file's own classes and ``Name = …`` of its types."""

    classes: frozenset[str]
    values: Mapping[str, ast.expr]


def annotation(node: ast.expr, names: Names, aliases: Aliases) -> Annotation:
    """The annotation, one written as a text included."""
    text = ast.unparse(node)
    inner = _unquoted(node)
    wrapper = ""
    if isinstance(inner, ast.Subscript):
        last = names.dotted(inner.value).rpartition(".")[2]
        if last in _WRAPPERS:
            wrapper, inner = last, _unquoted(inner.slice)
    elif (last := names.dotted(inner).rpartition(".")[2]) in _WRAPPERS:
        return Annotation(text, last, (names.dotted(inner),))
    found = tuple(dict.fromkeys(_names(_unquoted(node), names)))
    return Annotation(text, wrapper, found, _optional(inner, names, aliases, 0))


def _unquoted(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return ast.parse(node.value.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError):
            return node
    return node


def _names(node: ast.AST, names: Names) -> Iterator[str]:
    if isinstance(node, ast.Name | ast.Attribute):
        yield names.dotted(node)
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        inner = _unquoted(node)
        if inner is not node:
            yield from _names(inner, names)
        return
    for child in ast.iter_child_nodes(node):
        yield from _names(child, names)


def _optional(node: ast.expr, names: Names, aliases: Aliases, depth: int) -> bool | None:
    """Whether None is among its values; None where that cannot be told."""
    node = _unquoted(node)
    if depth > _DEEP:
        return None
    if isinstance(node, ast.Constant):
        return True if node.value is None else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _any(_optional(side, names, aliases, depth + 1) for side in (node.left, node.right))
    if isinstance(node, ast.Subscript):
        return _of_subscript(node, names, aliases, depth)
    if isinstance(node, ast.Name) and node.id in aliases.values:
        return _optional(aliases.values[node.id], names, aliases, depth + 1)
    own = isinstance(node, ast.Name) and node.id in aliases.classes
    return False if own or names.dotted(node) in _NEVER_NONE else None


def _of_subscript(node: ast.Subscript, names: Names, aliases: Aliases, depth: int) -> bool | None:
    dotted = names.dotted(node.value)
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    match dotted.rpartition(".")[2]:
        case "Optional":
            return True
        case "Union":
            return _any(_optional(part, names, aliases, depth + 1) for part in parts)
        case "Annotated":
            return _optional(parts[0], names, aliases, depth + 1)
        case "Literal":
            return any(isinstance(part, ast.Constant) and part.value is None for part in parts)
    return False if dotted in _NEVER_NONE else None


def _any(answers: Iterator[bool | None]) -> bool | None:
    found = list(answers)
    return True if True in found else None if None in found else False
