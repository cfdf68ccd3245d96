"""Python source taken apart: its tree, its tokens, the names that it binds."""

from __future__ import annotations

import ast
import tokenize
import warnings
from collections.abc import Iterator, Sequence
from io import StringIO

_OPENING = ("FSTRING_START", "TSTRING_START")  # since Python 3.12 and 3.14
_CLOSING = ("FSTRING_END", "TSTRING_END")


class NotPlain(Exception):
    """The code is not of a shape that can be edited without guessing."""


def parsed(text: str) -> ast.Module:
    """The syntax tree.

    Raises:
        NotPlain: there is none.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the reader's style, not of this program
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise NotPlain from None


def tokens(text: str) -> list[tokenize.TokenInfo]:
    """Python's tokens of the text.

    Raises:
        NotPlain: it cannot be taken apart.
    """
    try:
        return list(tokenize.generate_tokens(StringIO(text, newline="").readline))
    except (tokenize.TokenError, SyntaxError):
        raise NotPlain from None


def lines_in_strings(found: Sequence[tokenize.TokenInfo]) -> frozenset[int]:
    """The lines that begin inside a string: their margin is part of a value."""
    inside: set[int] = set()
    opened: list[int] = []
    for token in found:
        name = tokenize.tok_name[token.type]
        if name in _OPENING:
            opened.append(token.start[0])
        elif name in _CLOSING:
            inside.update(range(opened.pop() + 1, token.end[0] + 1))
        elif name == "STRING":
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
    return frozenset(inside)


def bound(tree: ast.AST) -> Iterator[str]:
    """Every name that the code binds, anywhere in it, once for each time."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0]


def imported(tree: ast.Module) -> frozenset[tuple[str | None, str, str | None]]:
    """What the module imports at its top: from which module, what, and under which name."""
    return frozenset(
        (node.module if isinstance(node, ast.ImportFrom) else None, alias.name, alias.asname)
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    )
