"""The words of PostgreSQL's own spelling of an expression. Pure."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<string>E?'(?:[^'\\]|''|\\.|\\)*')
  | (?P<quoted>"(?:[^"]|"")*")
  | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)
  | (?P<word>[^\W\d][\w$]*)
  | (?P<operator>::|[-+*/<>=~!@\#%^&|`?]+)
  | (?P<mark>[()\[\],.:])
    )""",
    re.VERBOSE,
)


class Unreadable(ValueError):
    """The text is no expression that is understood here."""


def literals(text: str) -> tuple[str, ...]:
    """All literals in an expression, each once, whether the rest can be read or not."""
    try:
        words = tokens(text)
    except Unreadable:
        return ()
    found = [
        unquoted(item) if kind == "string" else item
        for kind, item in words
        if kind in ("string", "number")
    ]
    return tuple(dict.fromkeys(found))


def with_value(text: str, name: str) -> str:
    """A domain's constraint with a column's name where it says VALUE.

    Text that cannot be read stays as it is.
    """

    def named(match: re.Match[str]) -> str:
        return match[0].replace("VALUE", name) if match["word"] == "VALUE" else match[0]

    return _TOKEN.sub(named, text)


def tokens(text: str) -> list[tuple[str, str]]:
    """Each word with its kind: "string", "quoted", "number", "word", "operator" or "mark".

    Raises:
        Unreadable: something else stands there.
    """
    found, place = [], 0
    text = text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise Unreadable(text[place : place + 20])
        found.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
    return found


def unquoted(text: str) -> str:
    """What a string literal says."""
    if text.startswith("E"):
        return re.sub(r"\\(.)", r"\1", text[2:-1].replace("''", "'"), flags=re.DOTALL)
    return text[1:-1].replace("''", "'")
