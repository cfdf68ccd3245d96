"""Facts without the secrets that they hold: what reports may show. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from bot.explain.python.secrets import Secret, in_python, in_sql, looks
from bot.facts import Facts, Source, Statement

T = TypeVar("T")
HIDDEN = "[secret]"


def secrets_of(facts: Facts) -> tuple[Secret, ...]:
    """Every secret in the changed files, at head and at base, in the SQL that ran, in queries."""
    found: list[Secret] = []
    for source in facts.sources:
        for text in (source.head, source.base):
            if text and source.path.endswith(".py"):
                found += in_python(text)
    for statement in _statements(facts):
        found += in_sql(statement.sql)
    for query in facts.queries:
        found += in_sql(query.sql)
    return tuple(dict.fromkeys(found))


def without_secrets(facts: Facts) -> Facts:
    """The same facts with ``[secret]`` in the place of each; the facts themselves without any.

    A value that could be an ordinary word is hidden between quotes in a text about passwords and
    in addresses, others wherever they are: a table that is called like a password is still judged.
    """
    values = sorted({item.value for item in secrets_of(facts)}, key=len, reverse=True)
    if not values:
        return facts
    pairs = [pair for value in values for pair in _replacements(value)]
    literals = [(mark, value) for value in values for mark in ("'", "$$")]

    def hidden(text: str) -> str:
        for old, new in pairs:
            text = text.replace(old, new)
        if "password" in text.lower():
            for mark, value in literals:
                inner = value.replace("'", "''") if mark == "'" else value
                text = text.replace(f"{mark}{inner}{mark}", f"{mark}{HIDDEN}{mark}")
        return text

    cleaned = _walked(facts, hidden)
    return replace(cleaned, sources=tuple(_cleaned(item, values) for item in cleaned.sources))


def _replacements(value: str) -> Iterable[tuple[str, str]]:
    if looks(value) or len(value) > 40:  # noqa: PLR2004 - no word is so long
        parts = [value, *(line for line in value.splitlines() if len(line) > 15)]  # noqa: PLR2004 - of a key in lines
        return [(part, HIDDEN) for part in parts]
    return [(f":{value}@", f":{HIDDEN}@")]


def _cleaned(source: Source, values: list[str]) -> Source:
    """A file whose lines with a secret do not show it, whatever the word is."""
    secret = {item.line: item.value for item in in_python(source.head or "")}
    lines = (source.head or "").split("\n")
    for number, value in secret.items():
        if value in values and 0 < number <= len(lines):
            lines[number - 1] = lines[number - 1].replace(value, HIDDEN)
    return source if source.head is None else replace(source, head="\n".join(lines))


def _statements(facts: Facts) -> Iterable[Statement]:
    for project in facts.projects:
        for revision in project.revisions:
            trip = revision.round_trip
            for step in (trip.upgrade, trip.downgrade, trip.reupgrade):
                yield from step.statements


def _walked(value: T, hidden: Any) -> T:
    """The value with every text in it changed; what has none stays the same object."""
    if isinstance(value, str):
        return hidden(value)  # type: ignore[no-any-return]  # a text again
    if isinstance(value, tuple):
        items = tuple(_walked(item, hidden) for item in value)
        same = all(new is old for new, old in zip(items, value, strict=True))
        return value if same else items  # type: ignore[return-value]  # a tuple again
    if isinstance(value, dict):
        return {key: _walked(item, hidden) for key, item in value.items()}  # type: ignore[return-value]  # a dict again
    if is_dataclass(value) and not isinstance(value, type):
        changed = {}
        for each in fields(value):
            old = getattr(value, each.name)
            new = _walked(old, hidden)
            if new is not old and new != old:
                changed[each.name] = new
        return replace(value, **changed) if changed else value
    return value
