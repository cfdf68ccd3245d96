"""The comments of a file: no part of its syntax tree, and not to be taken for texts in it."""

from __future__ import annotations

import io
import tokenize
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True)
class Comment:
    """One comment, ``#`` included; ``line`` counts from 1."""

    line: int
    text: str


def comments(text: str) -> tuple[Comment, ...]:
    """Every comment, up to where the text cannot be read any further."""
    found: list[Comment] = []
    with suppress(SyntaxError, tokenize.TokenError, ValueError):  # what came before was kept
        found.extend(
            Comment(token.start[0], token.string)
            for token in tokenize.generate_tokens(io.StringIO(text).readline)
            if token.type == tokenize.COMMENT
        )
    return tuple(found)
