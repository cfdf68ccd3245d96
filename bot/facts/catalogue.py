"""Differences between two states of a PostgreSQL catalogue. No opinions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """One object that two catalogue snapshots do not hold alike.

    ``kind`` is PostgreSQL's word in lower case ("table", "column", "index", "constraint", "type",
    "function", "role", "privilege", …), ``name`` is schema-qualified ("public.users.nick" for a
    column). ``before`` and ``after`` are definitions a reader understands; None where the object
    does not exist. ``attribute`` names what differs when the object exists on both sides
    ("nullability", "default", "type", "comment", "owner", …): then they are that attribute's
    values, "" where it has none, or the definition where that says more (an enum's values, a
    constraint). ``table`` is the table it belongs to, if any, as ``schema.table``.
    """

    kind: str
    name: str
    before: str | None
    after: str | None
    attribute: str | None = None
    table: str | None = None

    @property
    def label(self) -> str:
        """``kind name``, as the report's ``residue`` lists it."""
        return f"{self.kind} {self.name}"
