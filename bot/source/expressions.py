"""Expressions as far as policies ask: calls with their arguments, names, constants, displays."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

from bot.source.names import Names

Kind = Literal["call", "name", "constant", "display", "lambda", "other"]
_DEEP = 12  # calls within calls
_DISPLAYS: dict[type[ast.expr], str] = {
    ast.List: "list",
    ast.ListComp: "list",
    ast.Dict: "dict",
    ast.DictComp: "dict",
    ast.Set: "set",
    ast.SetComp: "set",
    ast.Tuple: "tuple",
}


@dataclass(frozen=True)
class Expression:
    """One expression; ``line`` counts from 1.

    ``name`` is the dotted name of a name or of what is called, imports resolved ("?" where a part
    is no name), and of a display ``list``, ``dict``, ``set`` or ``tuple``. ``value`` is that of a
    constant. ``inner`` is what a lambda without statements gives.
    """

    kind: Kind
    line: int
    name: str = ""
    value: str | int | float | bool | None = None
    arguments: tuple[Argument, ...] = ()
    inner: Expression | None = None

    @property
    def last(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]

    def argument(self, keyword: str) -> Expression | None:
        """The argument of that keyword, or None."""
        return next((item.value for item in self.arguments if item.keyword == keyword), None)

    @property
    def positional(self) -> tuple[Expression, ...]:
        """The arguments without a keyword."""
        return tuple(item.value for item in self.arguments if item.keyword is None)

    @property
    def keywords(self) -> tuple[str, ...]:
        """The keywords of the arguments; ``**`` for those of an unpacked mapping."""
        return tuple(item.keyword for item in self.arguments if item.keyword is not None)

    def states(self, keyword: str, value: object) -> bool:
        """Whether the argument of that keyword is that constant."""
        found = self.argument(keyword)
        return found is not None and found.kind == "constant" and found.value is value


@dataclass(frozen=True)
class Argument:
    """An argument of a call, or a part of a display."""

    keyword: str | None
    value: Expression


def expression(node: ast.expr, names: Names, depth: int = 0) -> Expression:
    """The expression, no deeper than policies look."""
    line = node.lineno
    if depth > _DEEP:
        return Expression("other", line)
    if isinstance(node, ast.Call):
        arguments = [Argument(None, expression(item, names, depth + 1)) for item in node.args]
        arguments += [
            Argument(item.arg or "**", expression(item.value, names, depth + 1))
            for item in node.keywords
        ]
        return Expression("call", line, names.dotted(node.func), None, tuple(arguments))
    if isinstance(node, ast.Name | ast.Attribute):
        return Expression("name", line, names.dotted(node))
    if isinstance(node, ast.Constant):
        value = node.value if isinstance(node.value, str | int | float | bool) else None
        return Expression("constant", line, value=value)
    if isinstance(node, ast.Lambda):
        return Expression("lambda", line, inner=expression(node.body, names, depth + 1))
    display = _DISPLAYS.get(type(node))
    items = node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else []
    parts = tuple(Argument(None, expression(item, names, depth + 1)) for item in items)
    return Expression("display" if display else "other", line, display or "", arguments=parts)
