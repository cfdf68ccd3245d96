"""The types of a PostgreSQL schema: those of columns, and the user's own. No opinions.

Names are ``schema.name``, unquoted, as in ``schema``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DataType:
    """A type, seen through its domain and its array.

    ``name`` is what ``format_type`` prints, its modifier included ("character varying(50)",
    "numeric(10,2)", "public.mood[]"). ``base`` is the type of one value without modifier, domain or
    array ("character varying", "public.mood"); ``kind`` is that type's: "base", "enum",
    "composite", "range", "multirange", "pseudo"; ``category`` its letter (PostgreSQL docs,
    "pg_type", table "typcategory Codes": N numeric, S string, B boolean, D date/time, …).
    ``domain`` names the domain, if it is one; ``array`` is true for any number of dimensions.
    ``length`` is the maximum in characters or bits, ``precision`` that of a number (digits) or of
    fractions of a second, ``scale`` the digits after the point.
    """

    name: str
    base: str
    kind: str = "base"
    category: str = "U"
    domain: str | None = None
    array: bool = False
    length: int | None = None
    precision: int | None = None
    scale: int | None = None


@dataclass(frozen=True, slots=True)
class EnumType:
    """An enum type with its values in order."""

    name: str
    values: tuple[str, ...]
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain; ``checks`` are its constraints' definitions ("CHECK ((VALUE > 0))")."""

    name: str
    type: DataType
    nullable: bool = True
    default: str | None = None
    checks: tuple[str, ...] = ()
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class CompositeType:
    """A composite type; ``attributes`` are names and types as ``CREATE TYPE`` has them."""

    name: str
    attributes: tuple[tuple[str, DataType], ...]


@dataclass(frozen=True, slots=True)
class RangeType:
    """A range type of the user's own and the type of its bounds."""

    name: str
    subtype: str
