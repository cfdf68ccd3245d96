"""Texts that a simple regular expression matches: those that CHECK constraints are made of. Pure.

Known are literals, classes, groups, alternatives and counts; what looks around or back is not.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from functools import lru_cache

_REPEATED = 4  # times for what may be repeated without end, where it may be so short
_LONGEST = 1000  # characters
_PLENTY = 10**9  # texts: more are never asked for
_LETTERS = string.ascii_lowercase
_DIGITS = string.digits
_ESCAPES = {
    "d": _DIGITS, "w": _LETTERS + _DIGITS, "s": " ", "D": _LETTERS, "W": "-", "S": _LETTERS,
    "n": "\n", "t": "\t", "r": "\r",
}  # fmt: skip
_NAMED = {
    "alpha": _LETTERS, "lower": _LETTERS, "upper": string.ascii_uppercase, "digit": _DIGITS,
    "alnum": _LETTERS + _DIGITS, "xdigit": "0123456789abcdef", "space": " ", "punct": "-",
    "word": _LETTERS + _DIGITS,
}  # fmt: skip
_NO_WIDTH = frozenset("yYmMAZbB")  # escapes that match a place, not a character
_ANY = _LETTERS + _DIGITS
_ALL = _LETTERS + string.ascii_uppercase + _DIGITS + "-_ .,:;/+@#"


class Unknown(ValueError):
    """The pattern uses something that is not known here."""


@dataclass(frozen=True)
class Part:
    """Something that is repeated: one of these characters, or one of these sequences."""

    chars: str = ""
    groups: tuple[tuple[Part, ...], ...] = ()
    least: int = 1
    most: int | None = 1


def matching(pattern: str, number: int) -> str | None:
    """The text of that number that the pattern matches, None where none is found.

    Other numbers give other texts, as far as the pattern leaves room.
    """
    try:
        parts = _read(pattern)
        text, _ = _written(parts, number)
    except Unknown:
        return None
    return text if matches(pattern, text) and len(text) <= _LONGEST else None


def matches(pattern: str, text: str) -> bool:
    """Whether the text fits; True where Python does not know the pattern: the server will tell."""
    if "[:" in pattern or "[[" in pattern:  # PostgreSQL's own
        return True
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return True


def _written(groups: tuple[tuple[Part, ...], ...], number: int) -> tuple[str, int]:
    whole = number
    number, which = divmod(number, len(groups))
    if len(groups) > 1 and number >= _room(groups[which]):  # all of its texts are taken
        number, which = whole, max(range(len(groups)), key=lambda each: _room(groups[each]))
    out = []
    for part in groups[which]:
        for _ in range(_count(part)):
            if part.groups:
                text, number = _written(part.groups, number)
            else:
                number, place = divmod(number, len(part.chars))
                text = part.chars[place]
            out.append(text)
    return "".join(out), number


def _count(part: Part) -> int:
    """How often it is written."""
    count = part.least
    if part.most is None or part.most > part.least:
        count = max(part.least, min(_REPEATED, _REPEATED if part.most is None else part.most))
    if count > _LONGEST:
        raise Unknown
    return count


@lru_cache(maxsize=1024)
def _room(parts: tuple[Part, ...]) -> int:
    """How many texts a sequence has, as far as that matters."""
    found = 1
    for part in parts:
        each = sum(map(_room, part.groups)) if part.groups else len(part.chars)
        found = min(_PLENTY, found * each ** min(_count(part), _REPEATED))
    return found


@lru_cache(maxsize=256)
def _read(pattern: str) -> tuple[tuple[Part, ...], ...]:
    groups, end = _alternatives(pattern, 0, 0)
    if end < len(pattern):
        raise Unknown
    return groups


def _alternatives(text: str, at: int, depth: int) -> tuple[tuple[tuple[Part, ...], ...], int]:
    if depth > _REPEATED * 4:
        raise Unknown
    found: list[tuple[Part, ...]] = []
    parts: list[Part] = []
    while at < len(text) and text[at] != ")":
        if text[at] == "|":
            found.append(tuple(parts))
            parts, at = [], at + 1
            continue
        part, at = _part(text, at, depth)
        if part is not None:
            counted, at = _counted(part, text, at)
            parts.append(counted)
    return (*found, tuple(parts)), at


def _part(text: str, at: int, depth: int) -> tuple[Part | None, int]:
    char = text[at]
    if char in "^$":
        return None, at + 1
    if char == "(":
        start = at + 1
        if text.startswith("?", start):
            if not text.startswith("?:", start):
                raise Unknown
            start += 2
        groups, end = _alternatives(text, start, depth + 1)
        if end >= len(text):
            raise Unknown
        return Part(groups=groups), end + 1
    if char == "[":
        return _char_class(text, at + 1)
    if char == "\\" and at + 1 < len(text):
        escaped = text[at + 1]
        if escaped in _NO_WIDTH:
            return None, at + 2
        if escaped.isalnum() and escaped not in _ESCAPES:
            raise Unknown
        return Part(_ESCAPES.get(escaped, escaped)), at + 2
    if char in "*+?{":
        raise Unknown
    return Part(_ANY if char == "." else char), at + 1


def _counted(part: Part, text: str, at: int) -> tuple[Part, int]:
    match = re.compile(r"(\*|\+|\?|\{(\d+)(?:(,)(\d*))?\})\??").match(text, at)
    if match is None:
        return part, at
    least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(match[1], (1, 1))
    if match[2]:
        least = int(match[2])
        most = least if not match[3] else int(match[4]) if match[4] else None
    return Part(part.chars, part.groups, least, most), match.end()


def _char_class(text: str, at: int) -> tuple[Part, int]:
    negated = text.startswith("^", at)
    at += negated
    chars, first = "", True
    while at < len(text) and (text[at] != "]" or first):
        first = False
        named = re.compile(r"\[:(\w+):\]").match(text, at)
        if named:
            if named[1] not in _NAMED:
                raise Unknown
            chars, at = chars + _NAMED[named[1]], named.end()
            continue
        if text[at] == "\\" and at + 1 < len(text):
            chars, at = chars + _ESCAPES.get(text[at + 1], text[at + 1]), at + 2
            continue
        if text[at + 1 : at + 2] == "-" and text[at + 2 : at + 3] not in ("", "]"):
            low, high = ord(text[at]), ord(text[at + 2])
            chars += "".join(map(chr, range(low, min(high, low + 128) + 1)))
            at += 3
            continue
        chars, at = chars + text[at], at + 1
    if at >= len(text):
        raise Unknown
    if negated:
        chars = "".join(char for char in _ALL if char not in chars)
    if not chars:
        raise Unknown
    return Part("".join(dict.fromkeys(chars))), at + 1
