"""What a setting's value may be, from TOML or from the text of a flag or action input."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from types import MappingProxyType
from typing import Any

SEVERITIES = ("off", "note", "warn", "block")  # from the weakest to the strongest


@dataclass(frozen=True)
class Kind:
    """How one kind of value is written.

    ``expected`` completes "expected …" in a message; ``shown`` names the kind in the reference.
    ``from_toml`` turns a TOML value into the setting's, ``from_text`` a flag's or input's text into
    a TOML value; both raise ValueError for what does not fit.
    """

    shown: str
    expected: str
    from_toml: Callable[[Any], Any]
    from_text: Callable[[str], Any] = str.strip


def _refuse(value: object) -> Any:
    raise ValueError(value)


def _boolean(value: object) -> bool:
    return value if isinstance(value, bool) else _refuse(value)


def _boolean_text(text: str) -> bool:
    words = {"true": True, "false": False}
    return words[word] if (word := text.strip().lower()) in words else _refuse(text)


def _text(value: object) -> str:
    return value if isinstance(value, str) and value.strip() else _refuse(value)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(item) for item in value) if isinstance(value, list) else _refuse(value)


def _split(text: str) -> list[str]:
    return [word for part in re.split(r"[,\n]", text) if (word := part.strip())]


def _table(item: Callable[[Any], Any]) -> Callable[[Any], MappingProxyType[str, Any]]:
    def convert(value: object) -> MappingProxyType[str, Any]:
        if not isinstance(value, dict):
            return _refuse(value)  # type: ignore[no-any-return] # it never returns
        return MappingProxyType({key: item(entry) for key, entry in value.items()})

    return convert


def _pairs(text: str) -> dict[str, str]:
    """Lines of ``NAME=value``; blank ones are skipped."""
    found = {}
    for line in text.splitlines():
        if line.strip():
            name, equals, value = line.partition("=")
            found[name.strip()] = value.strip() if equals and name.strip() else _refuse(line)
    return found


def _scalar(value: object) -> str:
    """A variable's value: text, or a number or boolean as the text a shell would hold."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else _refuse(value)


def _whole(least: int) -> Callable[[Any], int]:
    def convert(value: object) -> int:
        fits = isinstance(value, int) and not isinstance(value, bool) and value >= least
        return value if fits and isinstance(value, int) else _refuse(value)

    return convert


def _positive(value: object) -> float:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < inf
    return float(value) if fits and isinstance(value, int | float) else _refuse(value)


def _matching(pattern: str) -> Callable[[Any], str]:
    def convert(value: object) -> str:
        return value if isinstance(value, str) and re.fullmatch(pattern, value) else _refuse(value)

    return convert


def _major(value: object) -> int:
    text = str(value)
    return int(text) if re.fullmatch(r"1[3-9]|[2-9]\d", text) else _refuse(value)


def _expression(value: object) -> str:
    text = _text(value)
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(str(error)) from None
    return text


def one_of(*words: str) -> Kind:
    """One word of a few."""
    listed = ", ".join(f'"{word}"' for word in words[:-1]) + f' or "{words[-1]}"'
    shown = ", ".join(f"`{word}`" for word in words)
    return Kind(shown, listed, _matching("|".join(words)))


def some_of(*words: str) -> Kind:
    """A list of some words."""

    def convert(value: object) -> tuple[str, ...]:
        found = _texts(value)
        return found if set(found) <= set(words) else _refuse(value)

    listed = ", ".join(f'"{word}"' for word in words)
    shown = "list of " + ", ".join(f"`{word}`" for word in words)
    return Kind(shown, f"a list of {listed}", convert, _split)


BOOLEAN = Kind("boolean", "true or false", _boolean, _boolean_text)
TEXT = Kind("text", "a text that is not empty", _text)
NAMES = Kind("list of names", 'a list of texts, such as ["a", "b"]', _texts, _split)
PATHS = Kind("list of paths", 'a list of paths, such as ["backend/alembic.ini"]', _texts, _split)
PATH = Kind("path", "a path as text", _text)
SECONDS = Kind("whole seconds", "a whole number of seconds from 1", _whole(1), int)
COUNT = Kind("whole number", "a whole number from 0", _whole(0), int)
NUMBER = Kind("seconds", "a number of seconds above 0", _positive, float)
MAJOR = Kind("major version", "a major version of PostgreSQL from 13, such as 17", _major)
PYTHON = Kind(
    "`3.x`", 'a Python version from "3.9", such as "3.12"', _matching(r"3\.(?:9|[1-9]\d)")
)
URL = Kind(
    "PostgreSQL URL",
    'a URL that starts with "postgresql://"',
    _matching(r"postgres(?:ql)?(?:\+\w+)?://\S+"),
)
PATTERN = Kind("regular expression", "a regular expression of Python's re module", _expression)
VARIABLES = Kind(
    "table of variables",
    'a table of texts, such as {SECRET_KEY = "x"} (as an input: NAME=value lines)',
    _table(_scalar),
    _pairs,
)
PATTERNS = Kind(
    "table of patterns", 'a table of texts, such as {index = "ix_%(table)s"}', _table(_text), _pairs
)
WEIGHTS = Kind(
    "table of policy ids",
    'a table of "block", "warn", "note" or "off" for each policy (as an input: id=severity lines)',
    _table(_matching("|".join(SEVERITIES))),
    _pairs,
)
OPTIONS = Kind(
    "tables of options", "a table of options for each policy", _table(_table(lambda value: value))
)
