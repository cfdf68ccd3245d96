"""SQL that a Python file builds from parts, and who decides what the parts are. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.explain.python.dataflow import Flow, Grade, name_of
from bot.source import nodes_of, tree_of

_RUN = {"execute", "executemany", "exec_driver_sql", "execute_async", "scalar", "scalars"}
_LONGEST = 20  # bindings that are followed from one name to the next


@dataclass(frozen=True)
class Built:
    """One call that runs a text built from ``part``, as it is written; lines count from 1."""

    line: int
    part: str
    grade: Grade
    how: str


@lru_cache(maxsize=64)
def built(text: str, *, public: bool) -> tuple[Built, ...]:
    """Every call in the file that runs SQL with a part that is no constant.

    ``public``: the arguments of functions that the file itself does not call are somebody else's.
    A file that is no Python has none.
    """
    tree = tree_of(text)
    if tree is None:
        return ()
    flow = Flow(tree, public)
    found: dict[int, Built] = {}
    try:
        for call in nodes_of(text):
            sink = _sink(call)
            if sink is None or not isinstance(call, ast.Call):
                continue
            worst = max(
                (Built(call.lineno, _source(part), _graded(part, how, flow), how)
                 for part, how in _parts(sink, flow, 0)),
                key=lambda item: item.grade, default=None,
            )  # fmt: skip
            inner = found.get(call.lineno)
            if worst and worst.grade > (inner.grade if inner else Grade.CONSTANT):
                found[call.lineno] = worst
    except RecursionError:
        return ()
    return tuple(found[line] for line in sorted(found))


_HAND_QUOTED = "an f-string, between double quotes"


def _graded(part: ast.expr, how: str, flow: Flow) -> Grade:
    """A name of the catalogue between double quotes is quoted well enough."""
    grade = flow.grade(part)
    return Grade.CONSTANT if how == _HAND_QUOTED and grade is Grade.UNKNOWN else grade


def _ends(node: ast.expr) -> str:
    """The first and the last character of a constant text; blanks for anything else."""
    text = node.value if isinstance(node, ast.Constant) else ""
    return f"{text[0]}{text[-1]}" if isinstance(text, str) and text else "  "


def _sink(node: ast.AST) -> ast.expr | None:
    """The text that a call runs, without the ``text()`` around it; None for other calls."""
    if not isinstance(node, ast.Call) or not node.args or not isinstance(node.func, ast.Attribute):
        return None
    if node.func.attr not in _RUN:
        return None
    first = node.args[0]
    while isinstance(first, ast.Call) and name_of(first.func) in ("text", "bindparams", "DDL"):
        if name_of(first.func) == "bindparams" and isinstance(first.func, ast.Attribute):
            first = first.func.value
        elif first.args:
            first = first.args[0]
        else:
            return None
    return first


def _parts(node: ast.expr, flow: Flow, depth: int) -> Iterator[tuple[ast.expr, str]]:
    """The expressions that are put into a text, and by what."""
    if depth > _LONGEST:
        return
    match node:
        case ast.JoinedStr(values=values):
            yield from _of_f_string(values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            for side in (left, right):
                inner = list(_parts(side, flow, depth + 1))
                yield from inner or ((side, "`+`"),)
        case ast.BinOp(left=left, op=ast.Mod(), right=right):
            yield from _parts(left, flow, depth + 1)
            yield right, "`%`"
        case ast.Call():
            yield from _of_call(node, flow, depth)
        case ast.Name():
            for value in flow.bindings(node) or ():
                yield from _parts(value, flow, depth + 1)
        case ast.IfExp(body=body, orelse=other):
            yield from _parts(body, flow, depth + 1)
            yield from _parts(other, flow, depth + 1)
        case _:
            pass


def _of_f_string(values: list[ast.expr]) -> Iterator[tuple[ast.expr, str]]:
    blank = ast.Constant("")
    for before, value, after in zip([blank, *values], values, [*values[1:], blank], strict=False):
        if isinstance(value, ast.FormattedValue):
            quoted = _ends(before)[1] == _ends(after)[0] == '"'
            yield value.value, _HAND_QUOTED if quoted else "an f-string"


def _of_call(node: ast.Call, flow: Flow, depth: int) -> Iterator[tuple[ast.expr, str]]:
    match node.func:
        case ast.Attribute(value=value, attr="format"):
            yield from _parts(value, flow, depth + 1)
            for argument in (*node.args, *(each.value for each in node.keywords)):
                yield argument, "`.format()`"
        case ast.Attribute(value=value, attr="join") if _joins_text(node, value, flow):
            yield node.args[0], "`.join()`"
        case called if name_of(called) in ("text", "dedent", "strip", "DDL"):
            for argument in node.args[:1]:
                yield from _parts(argument, flow, depth + 1)
        case _:
            pass


def _joins_text(node: ast.Call, separator: ast.expr, flow: Flow) -> bool:
    """Whether it is the method of ``str``: SQLAlchemy's selects and tables have one as well."""
    if len(node.args) != 1 or node.keywords:
        return False
    bound = flow.bindings(separator) or () if isinstance(separator, ast.Name) else (separator,)
    return not any(isinstance(value, ast.Call) for value in bound)


def _source(node: ast.expr) -> str:
    """The expression as code, within bounds."""
    try:
        return ast.unparse(node)[:100]
    except RecursionError:
        return "an expression"
