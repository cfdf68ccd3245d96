"""Files of named queries (``-- name: orders_by_status``), as aiosql, sqlc and others read them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from bot.sql.tree import raw

MOST = 500  # queries of one file
_NAME = re.compile(r"^--\s*name\s*:\s*(?P<name>[^\s:]+)", re.IGNORECASE)
_NUMBERED = re.compile(r"\$\d{1,4}$")
_WORD = re.compile(r"[A-Za-z_]\w*$")
_SUFFIX = "^$!#<*&"  # aiosql's marks for what a query gives back
_EXPLAINED = {"select_stmt", "insert_stmt", "update_stmt", "delete_stmt", "merge_stmt"}


@dataclass(frozen=True)
class Named:
    """One query: ``sql`` with its parameters numbered; ``fault`` says why it cannot be used."""

    name: str
    line: int
    sql: str = ""
    fault: str | None = None


def named(text: str) -> tuple[Named, ...]:
    """The queries of a file in order. What stands before the first name is left out. Never raises.

    A name that comes twice is a fault of its later use.
    """
    found: list[Named] = []
    name, first, lines = "", 0, list[str]()
    for number, line in enumerate([*text.splitlines(), "-- name: end"], 1):
        match = _NAME.match(line)
        if match is None:
            lines.append(line)
            continue
        if name and len(found) < MOST:
            known = {item.name for item in found}
            twice = "its name comes twice" if name in known else None
            found.append(_named(name, first, "\n".join(lines), twice))
        name, first, lines = match["name"].rstrip(_SUFFIX) or match["name"], number, []
    return tuple(found)


def _named(name: str, line: int, text: str, fault: str | None) -> Named:
    sql = numbered(text)
    statements = raw(sql)
    if fault is None and len(statements) != 1:
        fault = f"it holds {len(statements)} statements, and one is expected"
    if fault is not None:
        return Named(name, line, fault=fault)
    node = statements[0].node
    kind = node.WhichOneof("node") if node is not None else None
    if node is None:
        return Named(name, line, fault="PostgreSQL's parser does not understand it")
    if kind not in _EXPLAINED:
        return Named(name, line, fault="EXPLAIN takes SELECT, INSERT, UPDATE, DELETE and MERGE")
    return Named(name, line, sql[statements[0].start : statements[0].end])


def numbered(text: str) -> str:
    """The text with ``:name``, ``@name``, ``%(name)s`` and ``%s`` as ``$1``, ``$2``, ….

    The scanner tells parameters from casts, slices and what stands in strings and comments.
    """
    from postgast import PgQueryError, scan

    try:
        tokens = scan(text).tokens
    except PgQueryError:
        return text
    data = text.encode()
    words = [part for item in tokens for part in _split(data, item.start, item.end)]
    highest = max((int(item.text[1:]) for item in words if _NUMBERED.match(item.text)), default=0)
    numbers: dict[str, int] = {}
    out, end, place = bytearray(), 0, 0
    while place < len(words):
        length, name = _parameter(words[place : place + 5])
        first = words[place]
        slice_ = first.text == ":" and place and _is_operand(words[place - 1], first)
        if not length or slice_:
            place += 1
            continue
        name = name or f" {len(numbers)}"
        number = numbers.setdefault(name, highest + len(numbers) + 1)
        out += data[end : first.start] + f"${number}".encode()
        end = words[place + length - 1].end
        place += length
    return (out + data[end:]).decode()


@dataclass(frozen=True)
class _Word:
    text: str
    start: int
    end: int


def _split(data: bytes, start: int, end: int) -> list[_Word]:
    """A token; an operator that runs into a parameter (``=%s``, ``=@since``) as two."""
    text = data[start:end].decode()
    if len(text) > 1 and text[-1] in "%@" and not text[0].isalnum() and text[0] not in "'\"$-/":
        return [_Word(text[:-1], start, end - 1), _Word(text[-1], end - 1, end)]
    return [_Word(text, start, end)]


def _parameter(words: list[_Word]) -> tuple[int, str]:
    """How many words a parameter takes that begins here (0: none does), and its name."""
    texts = [item.text for item in words]
    for length, name in ((5, texts[2:3]), (2, []), (2, texts[1:2])):
        pairs = pairwise(words[:length])
        if len(words) < length or any(left.end != right.start for left, right in pairs):
            continue
        if length == 5 and (texts[:2], texts[3:5]) == (["%", "("], [")", "s"]):  # noqa: PLR2004 - %(name)s
            return length, name[0]
        if length == 2 and not name and texts[:2] == ["%", "s"]:  # noqa: PLR2004 - %s
            return length, ""
        if length == 2 and name and texts[0] in (":", "@") and _WORD.match(name[0]):  # noqa: PLR2004 - :name
            return length, name[0]
    return 0, ""


def _is_operand(word: _Word, colon: _Word) -> bool:
    """Whether the colon belongs to a slice (``tags[low:high]``)."""
    operand = word.text.isdigit() or _WORD.match(word.text) is not None
    return operand and word.end == colon.start
