"""Loops of a revision file, from its syntax tree: what ran once on empty tables may run often."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.facts import Facts
from bot.sql import Modify, pieces

_FETCHES = (
    "execute", "fetchall", "fetchmany", "fetchone", "scalars", "scalar", "mappings", "all",
    "query", "stream", "partitions", "yield_per", "exec_driver_sql",
)  # fmt: skip
_PARAMETER = re.compile(r"(?<!:):(?=[a-zA-Z_])\w+")
_COMMITS = ("commit", "autocommit_block", "begin")
_RUNS = ("execute", "exec_driver_sql", "executemany")
_BUILDS = {"update": "update", "delete": "delete", "insert": "insert", "bulk_insert": "insert"}


@dataclass(frozen=True)
class Loop:
    """A ``for`` or ``while`` around a line. ``commits``: its body ends a transaction by itself."""

    line: int
    endless: bool  # a ``while``: it runs until its condition says so
    commits: bool


@dataclass(frozen=True)
class RowLoop:
    """A ``for`` over rows that were read, whose body changes rows one by one.

    ``line`` is that of the statement in it; ``table`` and ``command`` are None where the code does
    not say them plainly.
    """

    line: int
    command: str | None
    table: str | None


def loops_around(facts: Facts, path: str, line: int) -> tuple[Loop, ...]:
    """The loops around that line of head's file in its function, the outermost first."""
    tree = _tree(_text(facts, path))
    found = []
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.For | ast.While) and _repeats(node, line):
            endless = isinstance(node, ast.While)
            commits = any(_name(each) in _COMMITS for part in node.body for each in ast.walk(part))
            found.append(Loop(node.lineno, endless, commits))
    return tuple(found)


def row_loops(facts: Facts, path: str) -> tuple[RowLoop, ...]:
    """Every loop over fetched rows that changes rows, outside of ``downgrade``."""
    tree = _tree(_text(facts, path))
    functions = [
        node
        for node in (tree.body if tree else ())
        if isinstance(node, ast.FunctionDef) and node.name != "downgrade"
    ]
    return tuple(item for function in functions for item in _row_loops(function))


def _row_loops(function: ast.FunctionDef) -> Iterator[RowLoop]:
    fetched = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and _fetches(node.value, frozenset())
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(function):
        if isinstance(node, ast.For) and _fetches(node.iter, frozenset(fetched)):
            for call in _outermost(node.body):
                command, table = _change(call)
                if command:
                    yield RowLoop(call.lineno, command, table)
            if _sets_attributes(node):
                yield RowLoop(_flushed(function, node), "update", None)


def _sets_attributes(loop: ast.For) -> bool:
    """Whether the body sets attributes of the row itself: the ORM sends an UPDATE for each."""
    own = loop.target.id if isinstance(loop.target, ast.Name) else None
    targets = [
        target
        for part in loop.body
        for node in ast.walk(part)
        if isinstance(node, ast.Assign | ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    return any(
        isinstance(item, ast.Attribute)
        and isinstance(item.value, ast.Name)
        and item.value.id == own
        for item in targets
    )


def _flushed(function: ast.FunctionDef, loop: ast.For) -> int:
    """The line of the ``flush`` or ``commit`` that sends them, else the loop's."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    lines = [node.lineno for node in calls if _name(node) in ("flush", "commit")]
    return min((line for line in lines if line > loop.lineno), default=loop.lineno)


def _fetches(node: ast.expr, fetched: frozenset[str]) -> bool:
    """Whether the value comes from a query: a call that fetches, or a name given to one."""
    if _name(node) == "range":
        return False  # over numbers, whatever they come from
    inner = list(ast.walk(node))
    return any(_name(item) in _FETCHES for item in inner) or any(
        isinstance(item, ast.Name) and item.id in fetched for item in inner
    )


def _outermost(body: list[ast.stmt]) -> Iterator[ast.Call]:
    """The calls that run SQL."""
    for part in body:
        for node in ast.walk(part):
            if isinstance(node, ast.Call) and _name(node) in (*_RUNS, *_BUILDS):
                yield node
                break


def _change(call: ast.Call) -> tuple[str | None, str | None]:
    """The command and table of what a call runs, as far as the code says them."""
    for node in ast.walk(call):
        if isinstance(node, ast.Constant | ast.JoinedStr):
            modifies = _modifies(_literal(node))
            if modifies:
                return modifies[0].command, modifies[0].table.name
    for node in ast.walk(call):
        word = _BUILDS.get(_name(node) or "")
        if word:
            return word, _table(node)
    return None, None


def _modifies(text: str) -> tuple[Modify, ...]:
    if " " not in text.strip():
        return ()
    return tuple(item for piece in pieces(text) for item in piece.modifies)


def _literal(node: ast.expr) -> str:
    """A string constant; an f-string with ``x`` for what it puts in."""
    if isinstance(node, ast.Constant):
        return _PARAMETER.sub("$1", node.value) if isinstance(node.value, str) else ""
    parts = node.values if isinstance(node, ast.JoinedStr) else ()
    text = "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in parts)
    return _PARAMETER.sub("$1", text)


def _table(node: ast.AST) -> str | None:
    """``orders`` of ``orders.update()``, ``sa.update(orders)``, ``op.bulk_insert(orders, …)``."""
    if not isinstance(node, ast.Call):
        return None
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    first = node.args[0] if node.args else None
    for item in (first, owner):
        if isinstance(item, ast.Name) and item.id not in ("sa", "op", "sqlalchemy"):
            return item.id
    return None


def _name(node: ast.AST) -> str | None:
    """The last part of what is called."""
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else None


def _repeats(loop: ast.For | ast.While, line: int) -> bool:
    """Whether the line runs in every round: the condition of a ``while`` does, too."""
    asked = isinstance(loop, ast.While) and loop.lineno <= line < loop.body[0].lineno
    return asked or _holds(loop.body, line)


def _holds(body: list[ast.stmt], line: int) -> bool:
    return body[0].lineno <= line <= (body[-1].end_lineno or body[-1].lineno)


def _text(facts: Facts, path: str) -> str:
    source = facts.source(path)
    return source.head or "" if source and not source.cut else ""


@lru_cache(maxsize=64)
def _tree(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
