"""Policies that a team declares in its configuration: `[[custom]]`, one table for each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.settings.kinds import SEVERITIES

PREFIX = "custom-"
"""What the ids of a team's own policies begin with, so that they are nobody else's."""

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST = 200  # characters of a pattern: long ones have no use but to take time


@dataclass(frozen=True)
class Rule:
    """One declared policy; its id is ``custom-<name>``.

    ``tables`` and ``exempt`` are shell patterns of ``schema.table`` or of the bare name; no
    ``tables`` means all. ``required_columns`` are those that a new table needs,
    ``forbidden_types`` PostgreSQL's names of types that new columns may not have, with or without
    their modifier. ``table_names`` and ``column_names`` are regular expressions that the whole of a
    new name has to match. ``message`` is the team's own reason, "" for none.
    """

    name: str
    severity: str = "warn"
    required_columns: tuple[str, ...] = ()
    forbidden_types: tuple[str, ...] = ()
    table_names: str | None = None
    column_names: str | None = None
    tables: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    message: str = ""

    @property
    def id(self) -> str:
        """The policy's id."""
        return PREFIX + self.name


def rules(value: object) -> tuple[Rule, ...]:
    """The rules of the TOML value.

    Raises:
        ValueError: something in it does not fit.
    """
    if not isinstance(value, list):
        raise ValueError(value)  # noqa: TRY004 # what the kinds of settings raise
    found = tuple(map(_rule, value))
    if len({item.name for item in found}) < len(found):
        raise ValueError("two of them have one name")
    return found


def _rule(value: object) -> Rule:
    if not isinstance(value, dict) or not value.keys() <= _FIELDS.keys() or "name" not in value:
        raise ValueError(value)
    rule = Rule(**{key.replace("-", "_"): _FIELDS[key](held) for key, held in value.items()})
    asks = (rule.required_columns, rule.forbidden_types, rule.table_names, rule.column_names)
    if not any(asks):
        raise ValueError(value)
    return rule


def _name(value: object) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ValueError(value)
    return value


def _severity(value: object) -> str:
    if value not in SEVERITIES[1:]:
        raise ValueError(value)
    return str(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(value)
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(value)  # noqa: TRY004 # what the kinds of settings raise
    return tuple(map(_text, value))


def _pattern(value: object) -> str:
    text = _text(value)
    if len(text) > _LONGEST:
        raise ValueError(value)
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(str(error)) from None
    return text


_FIELDS: dict[str, Callable[[Any], Any]] = {
    "name": _name,
    "severity": _severity,
    "required-columns": _texts,
    "forbidden-types": _texts,
    "table-names": _pattern,
    "column-names": _pattern,
    "tables": _texts,
    "exempt": _texts,
    "message": _text,
}
