"""Reads the files of ``truth/``; the format is described in its README."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from bot.facts import Effect
from bot.facts.locks import MODES

FOLDER = Path(__file__).with_name("truth")
_SHORT = dict(zip(MODES, ("AS", "RS", "RE", "SUE", "S", "SRE", "E", "AE"), strict=True))
_NOTHING = "-"
_MAJORS = re.compile(r"\[(?P<first>\d*)(?P<dash>-?)(?P<last>\d*)\] ")
_COUNTED = re.compile(r" (scanned|[+~-]\d+)")


@dataclass
class Row:
    """One statement, the section its expectation stands on, and the expectation by majors."""

    sql: str
    source: str
    expected: list[tuple[range, str]] = field(default_factory=list)

    def on(self, major: int) -> str | None:
        """The effects on that major, None where the row is not for it."""
        return next((text for majors, text in self.expected if major in majors), None)


def rows(name: str) -> list[Row]:
    """The rows of one file."""
    found: list[Row] = []
    source = ""
    for line in (FOLDER / name).read_text("utf-8").splitlines():
        if line.startswith("## "):
            source = line.removeprefix("## ")
        elif line.startswith("    "):
            found[-1].expected.append(_expectation(line.strip()))
        elif line.strip() and not line.startswith("#"):
            found.append(Row(line, source))
    return found


def _expectation(text: str) -> tuple[range, str]:
    majors = range(1, 100)
    match = _MAJORS.match(text)
    if match is not None:
        text = text[match.end() :]
        first = int(match["first"] or 1)
        last = int(match["last"] or (99 if match["dash"] else first))
        majors = range(first, last + 1)
    return majors, "" if text == _NOTHING else text


def uncounted(text: str) -> str:
    """The same expectation without what is counted; relations with nothing else are left out."""
    kept = (_COUNTED.sub("", item) for item in text.split("; "))
    return "; ".join(item for item in kept if " " in item)


def described(effects: tuple[Effect, ...]) -> str:
    """Effects as the files have them."""
    return "; ".join(sorted(map(_effect, effects)))


def _effect(effect: Effect) -> str:
    words = [effect.relation.removeprefix("public.")]
    if effect.locks:
        words.append("+".join(_SHORT[mode] for mode in effect.locks))
    words += [
        name for name in ("scanned", "rewritten", "created", "dropped") if getattr(effect, name)
    ]
    counts = (("+", effect.inserted), ("~", effect.updated), ("-", effect.deleted))
    words += [f"{sign}{number}" for sign, number in counts if number]
    return " ".join(words)
