"""One syntax tree for everybody who looks through the same text."""

from __future__ import annotations

import ast
from functools import lru_cache

_TEXTS = 16  # a tree takes some thirty times the memory of its text


@lru_cache(maxsize=_TEXTS)
def tree_of(text: str) -> ast.Module | None:
    """The text's tree, None where it is no Python. Whoever gets it leaves it as it is."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


@lru_cache(maxsize=_TEXTS)
def nodes_of(text: str) -> tuple[ast.AST, ...]:
    """Every node of it in the order of ``ast.walk``; none where the text is no Python."""
    tree = tree_of(text)
    return tuple(ast.walk(tree)) if tree is not None else ()
