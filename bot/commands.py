"""`/db-recheck …` in a comment: which command it is, or what is wrong with it. Pure."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from enum import Enum

LIMIT = 200  # characters of a line that are looked at

_CALL = re.compile(r"/db-recheck(?=\s|$)[ \t]*(.*)", re.IGNORECASE)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_LINE_END = re.compile(r"\r\n|\r|\n")
_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


class Word(Enum):
    """The commands of contract.md, by their word."""

    RECHECK = ""
    HELP = "help"
    EXPLAIN = "explain"
    DESCRIBE = "describe"
    STATUS = "status"
    SUGGEST_INDEX = "suggest-index"


USAGE = {
    Word.RECHECK: "/db-recheck",
    Word.HELP: "/db-recheck help",
    Word.EXPLAIN: "/db-recheck explain <policy-id>",
    Word.DESCRIBE: "/db-recheck describe <table>",
    Word.STATUS: "/db-recheck status",
    Word.SUGGEST_INDEX: "/db-recheck suggest-index <table> <column…>",
}
CONSULTATIONS = frozenset({Word.DESCRIBE, Word.STATUS, Word.SUGGEST_INDEX})
"""What asks about the schema at head, which is built to be asked."""

_ARGUMENTS = {Word.EXPLAIN: (1, 1), Word.DESCRIBE: (1, 1), Word.SUGGEST_INDEX: (2, 32)}


@dataclass(frozen=True)
class Command:
    """A command that can be carried out, with its arguments as written."""

    word: Word
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Misspelt:
    """A line that means this program and is no command.

    ``said`` is the line; ``close`` the command that may have been meant, None when none is near.
    """

    said: str
    close: Word | None


def parse(body: str) -> Command | Misspelt | None:
    """The first command of a comment, None when it holds none.

    A command stands at the very start of a line: not behind ``>`` (a quotation), not indented, not
    in a fenced block and not in an HTML comment, all of which are about a command and are none.
    """
    fence = ""
    for line in _LINE_END.split(_HIDDEN.sub(" ", body)):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not mark[2].strip():
                fence = ""
            continue
        if mark and not (mark[1][0] == "`" and "`" in mark[2]):
            fence = mark[1]
            continue
        call = _CALL.match(line[:LIMIT])
        if call:
            return _understood(line[:LIMIT].strip(), call[1].split())
    return None


def _understood(line: str, words: list[str]) -> Command | Misspelt:
    if not words:
        return Command(Word.RECHECK)
    first, *arguments = words
    known = {word.value: word for word in Word if word.value}
    word = known.get(first.lower())
    if word is None:
        close = difflib.get_close_matches(first.lower(), known, 1)
        return Misspelt(line, known[close[0]] if close else None)
    least, most = _ARGUMENTS.get(word, (0, 0))
    if not least <= len(arguments) <= most:
        return Misspelt(line, word)
    return Command(word, tuple(arguments))
