"""What a patch may change in a revision file: each function makes one change of what it is given.

A change is found in the syntax tree and made in the text: no line is touched that it does not name,
and comments stay. Lines count from 1 and are those of the file as it is, also where several changes
make one patch. New statements are given from column 0, with four spaces a level. Every change
raises ``NotPlain`` where the code is not of the plain shape.
"""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Callable, Iterator

from bot.explain.patch.code import Code, Edit, Place
from bot.explain.patch.text import (
    NotPlain,
    bound,
    imported,
    lines_in_strings,
    parsed,
    tokens,
)

_SPACE = (tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT)


Change = Callable[[Code], Iterator[Edit]]


def in_autocommit(first: int, last: int | None = None) -> Change:
    """Put the ``op`` calls on these lines into one ``with op.get_context().autocommit_block():``.

    They are neighbours in one block. Nothing changes where they are in such a block already.
    """

    def change(code: Code) -> Iterator[Edit]:
        one, other = code.place(first), code.place(last or first)
        if one.block is not other.block or other.index < one.index:
            raise NotPlain
        inside = one.block[one.index : other.index + 1]
        for at in range(one.index, other.index + 1):
            code.call(Place(one.block, at))
        if one.autocommit:
            return
        begin, end = inside[0].lineno, inside[-1].end_lineno or first
        indent, unit = code.indent(begin), _unit(code)
        header = f"{indent}with {code.op}.get_context().autocommit_block():{code.eol}"
        yield Edit(code.start(begin), code.start(begin), header)
        fixed = lines_in_strings(code.tokens)
        for line in range(begin, end + 1):
            if line not in fixed and code.lines[line - 1].strip():
                yield Edit(code.start(line), code.start(line), unit)

    return change


def with_keyword(line: int, call: str, **values: str) -> Change:
    """Give ``op.<call>(…)`` on that line these keyword arguments, or other values for them.

    Values are Python code: ``with_keyword(12, "create_index", postgresql_concurrently="True")``.
    """

    def change(code: Code) -> Iterator[Edit]:
        node = code.call(code.place(line), call)
        known = {keyword.arg: keyword.value for keyword in node.keywords}
        if None in known or any(isinstance(item, ast.Starred) for item in node.args):
            raise NotPlain
        for name in values.keys() & known.keys():
            yield Edit(*code.span(known[name]), values[name])
        added = [f"{name}={value}" for name, value in values.items() if name not in known]
        if added:
            yield _appended(code, node, ", ".join(added))

    return change


def replaced(line: int, call: str, text: str) -> Change:
    """Put other statements in place of ``op.<call>(…)`` on that line."""

    def change(code: Code) -> Iterator[Edit]:
        place = code.place(line)
        code.call(place, call)
        node = place.statement
        start, end = code.span(node)
        yield Edit(start, end, _indented(code, text, code.indent(node.lineno)).lstrip(" \t"))

    return change


def before(line: int, text: str) -> Change:
    """Put statements above the one on that line."""

    def change(code: Code) -> Iterator[Edit]:
        node = code.place(line).statement
        start = code.start(node.lineno)
        yield Edit(start, start, _indented(code, text, code.indent(node.lineno)) + code.eol)

    return change


def after(line: int, text: str) -> Change:
    """Put statements below the one on that line."""

    def change(code: Code) -> Iterator[Edit]:
        node = code.place(line).statement
        yield _below(code, node, text, code.indent(node.lineno))

    return change


def at_head(function: str, text: str) -> Change:
    """Let ``upgrade`` or ``downgrade`` begin with these statements, behind its docstring."""

    def change(code: Code) -> Iterator[Edit]:
        body = code.function(function).body
        indent = code.indent(body[0].lineno)
        if _is_docstring(body[0]):
            yield _below(code, body[0], text, indent)
        elif _is_nothing(body):
            yield Edit(*code.span(body[0]), _indented(code, text, indent).lstrip(" \t"))
        else:
            start = code.start(body[0].lineno)
            yield Edit(start, start, _indented(code, text, indent) + code.eol)

    return change


def at_foot(function: str, text: str) -> Change:
    """Let ``upgrade`` or ``downgrade`` end with these statements."""

    def change(code: Code) -> Iterator[Edit]:
        body = code.function(function).body
        indent = code.indent(body[0].lineno)
        returns = any(isinstance(node, ast.Return) for each in body for node in ast.walk(each))
        if returns or isinstance(body[-1], ast.Raise):
            raise NotPlain  # the end of the text is not where it ends
        if _is_nothing(body):
            yield Edit(*code.span(body[0]), _indented(code, text, indent).lstrip(" \t"))
        else:
            yield _below(code, body[-1], text, indent)

    return change


def with_import(text: str) -> Change:
    """Let the module import this, unless it does: ``with_import("import sqlalchemy as sa")``."""

    def change(code: Code) -> Iterator[Edit]:
        if imported(parsed(text)) <= imported(code.tree):
            return
        if set(bound(parsed(text))) & set(bound(code.tree)):
            raise NotPlain
        top: ast.stmt | None = None
        for node in code.tree.body:
            if isinstance(node, ast.FunctionDef):
                break
            if isinstance(node, ast.Import | ast.ImportFrom):
                top = node
        if top is None:
            raise NotPlain
        yield _below(code, top, text, "")

    return change


def _appended(code: Code, call: ast.Call, text: str) -> Edit:
    """The argument behind the call's last, laid out as the others are."""
    close = code.span(call)[1] - 1
    tokens = [token for token in code.tokens if token.type not in _SPACE]
    at = next(i for i, token in enumerate(tokens) if _start(code, token) == close)
    last = tokens[at - 1]
    behind = code.start(last.end[0]) + last.end[1]
    if last.string == "(" and not (call.args or call.keywords):
        return Edit(behind, behind, text)
    if last.string != ",":
        single = call.args[-1] if call.args and not call.keywords else None
        if isinstance(single, ast.GeneratorExp) and code.span(single)[1] == close + 1:
            raise NotPlain  # f(x for x in y): its brackets are the call's own
        return Edit(behind, behind, f", {text}")
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    ends = max(values, key=lambda item: (item.end_lineno or 0, item.end_col_offset or 0))
    node = next((each for each in call.keywords if each.value is ends), ends)
    margin = code.lines[node.lineno - 1][: len(code.indent(node.lineno))]
    own_line = code.offset(node.lineno, node.col_offset) == code.start(node.lineno) + len(margin)
    if last.end[0] == tokens[at].start[0] or not own_line:
        return Edit(
            behind, behind, f" {text}" + ("" if last.end[0] == tokens[at].start[0] else ",")
        )
    below = code.end(last.end[0])  # behind a comment, if there is one
    return Edit(below, below, f"{code.eol}{margin}{text},")


def _start(code: Code, token: tokenize.TokenInfo) -> int:
    return code.start(token.start[0]) + token.start[1]


def _below(code: Code, node: ast.stmt, text: str, indent: str) -> Edit:
    code.alone(node, node)
    end = code.end(node.end_lineno or node.lineno)
    return Edit(end, end, code.eol + _indented(code, text, indent))


def _unit(code: Code) -> str:
    """One step of indentation, as the file has it."""
    first = next(node for node in code.tree.body if isinstance(node, ast.FunctionDef))
    return code.indent(first.body[0].lineno) or "    "


def _indented(code: Code, text: str, indent: str) -> str:
    """Lines of new code with that margin and the file's line ends; strings keep theirs."""
    if code.op != "op":
        raise NotPlain  # new code calls it so
    lines = text.strip("\n").split("\n")
    fixed = lines_in_strings(tokens("\n".join(lines)))
    step = _unit(code)
    return code.eol.join(
        line if at in fixed or not line else indent + _stepped(line, step)
        for at, line in enumerate(lines, 1)
    )


def _stepped(line: str, step: str) -> str:
    bare = line.lstrip(" ")
    levels, rest = divmod(len(line) - len(bare), 4)  # new code is written with four spaces
    return step * levels + " " * rest + bare


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _is_nothing(body: list[ast.stmt]) -> bool:
    """Whether it is ``pass`` alone."""
    return len(body) == 1 and isinstance(body[0], ast.Pass)
