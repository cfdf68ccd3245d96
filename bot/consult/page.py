"""An answer's parts, and how they look in a comment and in a terminal. Pure.

Inline text is Markdown whose names went through ``bot.wording``.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from bot.markup import cell, plain
from bot.wording import block, visible

WIDTH = 100  # columns of a terminal's text


@dataclass(frozen=True)
class Title:
    """A heading; ``level`` from 1."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Text:
    """A paragraph of inline Markdown."""

    text: str


@dataclass(frozen=True)
class Points:
    """A list of inline Markdown."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A table with its head; cells are inline Markdown."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Listing:
    """Code or a plan, as it stands."""

    text: str
    language: str = ""


Part = Title | Text | Points | Grid | Listing


def as_markdown(parts: Sequence[Part]) -> str:
    """The answer for a comment."""
    return "\n\n".join(map(_markdown, parts)) + "\n"


def _markdown(part: Part) -> str:
    match part:
        case Title(text, level):
            return f"{'#' * (level + 2)} {text}"
        case Points(items):
            return "\n".join(f"- {item}" for item in items)
        case Grid(head, rows):
            lines = [head, ("---",) * len(head), *rows]
            return "\n".join(f"| {' | '.join(map(cell, line))} |" for line in lines)
        case Listing(text, language):
            return block(text, language, 12_000)
        case Text(text):
            return text


def as_text(parts: Sequence[Part]) -> str:
    """The answer for a terminal."""
    return "\n\n".join(map(_text, parts)) + "\n"


def _text(part: Part) -> str:
    match part:
        case Title(text, level):
            shown = _said(text)
            return f"{shown}\n{'=' * len(shown)}" if level == 1 else f"{shown}:"
        case Points(items):
            return "\n".join(
                textwrap.fill(_said(item), WIDTH, initial_indent="  - ", subsequent_indent="    ")
                for item in items
            )
        case Grid(head, rows):
            return _aligned([tuple(map(_said, row)) for row in (head, *rows)])
        case Listing(text, _):
            return textwrap.indent(visible(text), "  ")
        case Text(text):
            return textwrap.fill(_said(text), WIDTH, break_on_hyphens=False)


def _said(markdown: str) -> str:
    return plain(markdown).replace("`", "")


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        "  ".join(value.ljust(size) for value, size in zip(row, widths, strict=True))
        for row in rows
    ]
    return "\n".join(f"  {line.rstrip()}" for line in lines)
