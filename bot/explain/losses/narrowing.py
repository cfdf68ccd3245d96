"""Which values a change of a column's type can lose or refuse.

Types are PostgreSQL's own texts (``format_type``): "character varying(20)", "numeric(10,2)",
"timestamp with time zone". Source: PostgreSQL docs, "Data Types" and "Value Expressions: Type
Casts"; the limits of integers from "Numeric Types", table 8.2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_TYPE = re.compile(
    r"(?P<base>[^(\[]*?)(?:\((?P<sizes>[\d,\s-]+)\))?(?P<rest> with(?:out)? time zone)?"
    r"(?P<array>(?:\[\])*)"
)
_INTEGERS = {"smallint": 5, "integer": 10, "bigint": 19}  # digits of the largest
_LARGEST = {"smallint": "32,767", "integer": "2,147,483,647", "bigint": "9,223,372,036,854,775,807"}
_FLOATS = {"real": 6, "double precision": 15}  # digits that are kept
_TEXTS = ("character varying", "character", "text", "citext", "public.citext", "name")
_STAMPS = ("timestamp without time zone", "timestamp with time zone")
_TIMES = ("time without time zone", "time with time zone")
_CALLED: Mapping[str, str] = {  # PostgreSQL docs, "Data Types", table 8.1
    "varchar": "character varying", "char": "character", "bpchar": "character",
    "int": "integer", "int4": "integer", "int8": "bigint", "int2": "smallint",
    "float4": "real", "float8": "double precision", "decimal": "numeric", "bool": "boolean",
    "timestamptz": _STAMPS[1], "timestamp": _STAMPS[0], "timetz": _TIMES[1], "time": _TIMES[0],
}  # fmt: skip
_LONGEST: Mapping[str, int] = {  # characters of the longest value as text
    "smallint": 6, "integer": 11, "bigint": 20, "boolean": 5, "uuid": 36,
}  # fmt: skip


@dataclass(frozen=True)
class Type:
    """A type taken apart: its name, its sizes, its dimensions."""

    base: str
    sizes: tuple[int, ...] = ()
    array: bool = False

    @classmethod
    def of(cls, text: str) -> Type:
        """The type that ``format_type`` prints so, or that a statement calls by a shorter name."""
        match = _TYPE.fullmatch(text.strip())
        if match is None:
            return cls(text.strip())
        sizes = tuple(int(size) for size in (match["sizes"] or "").split(",") if size.strip())
        base = match["base"] + (match["rest"] or "")
        return cls(_CALLED.get(base, base), sizes, bool(match["array"]))

    @property
    def length(self) -> int | None:
        """The most characters that fit, None for any number."""
        if self.base == "character":
            return self.sizes[0] if self.sizes else 1
        return (
            self.sizes[0] if self.sizes and self.base in (*_TEXTS, "bit varying", "bit") else None
        )

    @property
    def digits(self) -> tuple[float, float]:
        """Digits before and after the point of a number; infinite where there is no limit."""
        if self.base in _INTEGERS:
            return _INTEGERS[self.base], 0
        if self.base == "numeric" and self.sizes:
            scale = self.sizes[1] if len(self.sizes) > 1 else 0
            return self.sizes[0] - scale, scale
        return float("inf"), float("inf")


@dataclass(frozen=True)
class Narrowing:
    """What happens to values that the new type cannot hold, as a sentence without its full stop.

    ``known`` is false for types of which nothing is known here: some value may well not convert.
    """

    sentence: str
    known: bool = True


def narrowed(before: str, after: str) -> Narrowing | None:
    """What the change can do to existing values; None for a type that holds all of them."""
    old, new = Type.of(before), Type.of(after)
    if old == new or (old.base, new.base) in _HARMLESS:
        return None
    for rule in (_arrays, _resized, _to_text, _from_text, _numbers, _times):
        applies, sentence = rule(old, new)
        if applies:
            return Narrowing(sentence) if sentence else None
    return Narrowing(_UNKNOWN, known=False)


_UNKNOWN = "values that do not convert are refused, unless USING says what becomes of them"
_HARMLESS = {
    ("json", "jsonb"),
    ("jsonb", "json"),
    ("cidr", "inet"),
    ("boolean", "integer"),
    ("date", "timestamp without time zone"),
    ("date", "timestamp with time zone"),
}


def _arrays(old: Type, new: Type) -> tuple[bool, str | None]:
    """Between one value and many; arrays of both sides are judged by their elements."""
    if old.array == new.array:
        return False, None
    whole = new.array or (new.base in _TEXTS and new.length is None)
    return True, None if whole else "an array of several elements does not fit into one value"


def _resized(old: Type, new: Type) -> tuple[bool, str | None]:
    """One type with another size."""
    if old.base != new.base:
        return False, None
    if old.base == "numeric":
        return True, _digits(old, new)
    if old.base in (*_TEXTS, "bit", "bit varying"):
        fits = new.length is None or (old.length is not None and old.length <= new.length)
        return True, None if fits else _too_long(new)
    return True, _rounded(old, new)


def _rounded(old: Type, new: Type) -> str | None:
    if new.sizes and (not old.sizes or old.sizes[0] > new.sizes[0]):
        return f"fractions of a second are rounded to {new.sizes[0]} digits"
    return None


def _too_long(new: Type) -> str:
    return f"values of more than {new.length} characters are refused, or cut off where USING casts"


def _to_text(old: Type, new: Type) -> tuple[bool, str | None]:
    """To a text every value has a way; only a limit can be in it."""
    if new.base not in _TEXTS:
        return False, None
    longest = old.length if old.base in _TEXTS else _LONGEST.get(old.base)
    fits = new.length is None or (longest is not None and longest <= new.length)
    return True, None if fits else _too_long(new)


def _from_text(old: Type, _: Type) -> tuple[bool, str | None]:
    return old.base in _TEXTS, "texts that are no value of the new type are refused"


def _numbers(old: Type, new: Type) -> tuple[bool, str | None]:
    numbers = (*_INTEGERS, *_FLOATS, "numeric")
    if old.base not in numbers or new.base not in numbers:
        return False, None
    if new.base in _FLOATS:
        kept = _FLOATS[new.base]
        exact = _FLOATS.get(old.base) or sum(old.digits)
        return True, None if exact <= kept else f"digits after the first {kept} are lost"
    if old.base in _FLOATS and new.base == "numeric" and not new.sizes:
        return True, None
    return True, _digits(old, new)


def _digits(old: Type, new: Type) -> str | None:
    (whole, point), (room, kept) = old.digits, new.digits
    if new.base in _INTEGERS and old.base not in _INTEGERS:
        room -= 1  # not every number of as many digits as the largest fits
    lost = []
    if whole > room:
        most = f"of more than {int(room)} digits before the point"
        beyond = f"beyond {_LARGEST[new.base]}" if new.base in _LARGEST else most
        lost.append(f"values {beyond} are refused")
    if point > kept:
        digits = "a whole number" if kept == 0 else f"{int(kept)} digits after the point"
        lost.append(f"values are rounded to {digits}")
    return " and ".join(lost) or None


def _times(old: Type, new: Type) -> tuple[bool, str | None]:
    pair = (old.base, new.base)
    if pair == (_STAMPS[1], _STAMPS[0]):
        return True, (
            "the instant is lost: each value becomes the local time of the session's TimeZone"
        )
    if pair == _STAMPS:
        return True, _rounded(old, new)
    if old.base in _STAMPS and new.base == "date":
        return True, "the time of day is cut off"
    if old.base in _STAMPS and new.base in _TIMES:
        return True, "the date is cut off"
    if pair == (_TIMES[1], _TIMES[0]):
        return True, "the offset from UTC is cut off"
    return False, None
