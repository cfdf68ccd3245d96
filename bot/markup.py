"""The Markdown that policies write, taken apart: prose, code spans, fenced blocks. Pure.

The parser is stricter than CommonMark (a span ends on its own line, a fence is made of backticks),
and what it does not recognise is escaped again, so that both read the result alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from bot.wording import code, unlinked, visible

_FENCE = re.compile(r" {0,3}(`{3,})([^`]*)$")
# No others: GitHub draws mermaid and geojson, and offers a suggestion to be committed.
_LANGUAGES = frozenset({"python", "sql", "toml", "sh", "text", "ini", "diff"})
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_MARK = re.compile(r"\\|`+")
_LIVE = re.compile(r"\\[!-/:-@\[-`{-~]|[<>&\[\]`~|\\]")  # an escape (GFM 6.1), or what needs one
_MEANT = re.compile(r"[\\`*\[\]<>#|~&@]|(?<!\w)_|_(?!\w)")  # GFM 6.2: no emphasis inside a word
_INVISIBLE = "\u200b"


class Kind(Enum):
    """What a piece of Markdown is."""

    PROSE = "prose"  # one line, or a part of it, as written
    CODE = "code"  # the inside of a code span
    BLOCK = "block"  # the lines of a fenced block
    BREAK = "break"  # the end of a line


@dataclass(frozen=True)
class Piece:
    """One piece. ``source`` is how it was written, ``text`` what it says."""

    kind: Kind
    text: str
    source: str
    language: str = ""


def pieces(markdown: str) -> Iterator[Piece]:
    """The pieces in order; a fence that is never closed ends with the text."""
    lines = iter(visible(markdown).split("\n"))
    for line in lines:
        fence = _FENCE.match(line)
        if fence is None:
            yield from _inline(line)
            yield Piece(Kind.BREAK, "\n", "\n")
            continue
        mark, named = fence[1], fence[2].strip()
        language = named if named in _LANGUAGES else ""
        inside: list[str] = []
        for held in lines:
            if _closes(held, len(mark)):
                break
            inside.append(held)
        text = "\n".join(inside)
        yield Piece(Kind.BLOCK, text, f"{mark}{language}\n{text}\n{mark}", language)
        yield Piece(Kind.BREAK, "\n", "\n")


def _closes(line: str, length: int) -> bool:
    mark = re.fullmatch(r" {0,3}(`+) *", line)
    return mark is not None and len(mark[1]) >= length


def _inline(line: str) -> Iterator[Piece]:
    start = at = 0
    while mark := _MARK.search(line, at):
        if mark[0] == "\\":
            at = mark.end() + 1
            continue
        span = _SPAN.match(line, mark.start())
        if span is None:
            at = mark.end()  # backticks that nothing closes are prose as a whole (CommonMark 6.1)
            continue
        at = mark.start()
        if at > start:
            yield Piece(Kind.PROSE, _said(line[start:at]), line[start:at])
        inside = span[2]
        padded = inside[:1] == " " == inside[-1:] and inside.strip(" ")
        yield Piece(Kind.CODE, inside[1:-1] if padded else inside, span[0])
        start = at = span.end()
    if start < len(line):
        yield Piece(Kind.PROSE, _said(line[start:]), line[start:])


def harmless(markdown: str, limit: int = 8000) -> str:
    """The same Markdown in which only code, emphasis, lists and paragraphs are alive.

    Policies escape the names that they print; this is the second fence, for the one that forgot.
    ``limit`` counts characters.
    """
    cut = markdown if len(markdown) <= limit else markdown[:limit] + "…"
    parts = (
        unlinked(_quiet(piece.source)) if piece.kind is Kind.PROSE else piece.source
        for piece in pieces(cut)
    )
    return "".join(parts).strip("\n")


def plain(markdown: str) -> str:
    """What the Markdown says, for places that show text: code spans keep their backticks."""
    parts = (f"`{p.text}`" if p.kind is Kind.CODE else p.text for p in pieces(markdown))
    return "".join(parts).strip("\n")


def sentence(text: str, limit: int = 500) -> str:
    """One line, from Markdown or from plain text: code spans live, all else stands as it is."""
    flat = " ".join(text[: 4 * limit].split())
    cut = flat if len(flat) <= limit else flat[: limit - 1] + "…"
    return "".join(
        code(piece.text, limit)
        if piece.kind is Kind.CODE
        else unlinked(_MEANT.sub(r"\\\g<0>", piece.text))
        for piece in _inline(visible(cut))
    )


def cell(markdown: str) -> str:
    """The same line for a table (GFM 4.10: a pipe ends a cell, in code too)."""
    return re.sub(r"\\*\|", r"\\|", markdown)


def _quiet(source: str) -> str:
    """The text with what could start a tag, entity, link, image, span or table escaped."""
    return _LIVE.sub(lambda found: found[0] if len(found[0]) > 1 else f"\\{found[0]}", source)


def _said(source: str) -> str:
    """Prose without escapes, emphasis marks and invisible parts."""
    bare = re.sub(r"(?<!\\)\*\*", "", source)
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", bare).replace(_INVISIBLE, "")
