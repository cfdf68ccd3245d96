"""Errors in the branches of functions that were not there before the upgrade. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.facts.trials import Broken
from bot.sql.words import words

# cancelled, no room, locked, deadlock, the system, a fault of the server: PostgreSQL Appendix A
NO_ANSWER = ("57", "53", "54", "55", "40", "58", "XX", "42501")
_NO_TABLE = "42P01"

# What a body that works with several schemas mentions: it catches the error (PostgreSQL docs,
# Appendix A, class 42), or asks the catalogue first. Its other branches need not work.
_CATCHES = frozenset(
    {
        "ambiguous_column",
        "datatype_mismatch",
        "syntax_error_or_access_rule_violation",
        "undefined_column",
        "undefined_function",
        "undefined_object",
        "undefined_table",
    }
)
_ASKS = frozenset(
    {
        "information_schema",
        "pg_attribute",
        "pg_class",
        "pg_matviews",
        "pg_proc",
        "pg_tables",
        "pg_type",
        "pg_views",
        "to_regclass",
        "to_regproc",
        "to_regprocedure",
        "to_regtype",
    }
)
_MAKES = frozenset({"create", "execute"})  # a table that is not there before the body runs


@dataclass(frozen=True)
class Body:
    """A function, or a trigger function as one ``trigger`` of ``table`` calls it."""

    kind: str
    signature: str
    text: str
    table: str | None = None
    trigger: str | None = None

    @property
    def name(self) -> str:
        """The name of what breaks with it."""
        return f"{self.table}.{self.trigger}" if self.trigger else self.signature


@dataclass(frozen=True)
class Said:
    """One error of a body; ``line`` counts from its first, None where it could not be read."""

    sqlstate: str
    message: str
    line: int | None = None
    statement: str = ""


Looked = Mapping[tuple[str, str], tuple[Body, frozenset[Said]]]
"""What was said of each, by kind and name; what gave no answer is not among them."""


def newly_wrong(before: Looked, after: Looked) -> Iterator[Broken]:
    """The first error of each body that is new beside the old ones.

    An error on one of several tables that share a trigger function is left out (it may stand in a
    branch for the others), and so is a body that works with more than one schema.
    """
    everywhere: dict[str, frozenset[Said]] = {}
    for body, said in after.values():
        everywhere[body.signature] = everywhere.get(body.signature, said) & said
    for key, (body, said) in after.items():
        if key not in before:
            continue
        old, known = before[key]
        new = [item for item in _new(old, known, body, said) if item in everywhere[body.signature]]
        if new:
            first = min(new, key=lambda item: (item.line or 0, item.message))
            yield Broken(
                body.kind,
                body.name,
                "checked with plpgsql_check",
                first.sqlstate,
                first.message,
                body.table,
                first.line,
                first.statement,
            )


def _new(old: Body, known: frozenset[Said], body: Body, said: frozenset[Said]) -> Iterator[Said]:
    """Errors that are new; none where an old one is gone: the body is written for both schemas."""
    same = old.text == body.text

    def places(items: frozenset[Said]) -> set[tuple[int | None, str, str]]:
        return {(item.line if same else None, item.sqlstate, item.message) for item in items}

    if not said or _knows(body.text) or not places(known) <= places(said):
        return
    for item in said:
        if places(frozenset({item})) <= places(known) or item.sqlstate.startswith(NO_ANSWER):
            continue
        if same or item.sqlstate != _NO_TABLE or not words(body.text) & _MAKES:
            yield item


def _knows(text: str) -> bool:
    """Whether a body works with several schemas."""
    found = words(text)
    return bool(found & (_CATCHES | _ASKS)) or any(
        word.startswith("'42") and "sqlstate" in found for word in found
    )
