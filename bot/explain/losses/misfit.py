"""SQL for the values that a narrower type would lose or refuse."""

from __future__ import annotations

from dataclasses import dataclass

from bot.explain.losses.narrowing import Type
from bot.sql import quoted

_RANGES = {
    "smallint": "-32768 AND 32767",
    "integer": "-2147483648 AND 2147483647",
    "bigint": "-9223372036854775808 AND 9223372036854775807",
}
_WHOLE = ("smallint", "integer", "bigint")
_TEXTS = ("text", "character varying", "character", "citext")


@dataclass(frozen=True)
class Misfit:
    """``values`` is true of values that do not fit; ``fits``, a CHECK's condition, of all others.

    ``fits`` is None where no CHECK can say it. ``note`` is a sentence on the query, "" for none.
    """

    values: str
    fits: str | None = None
    note: str = ""


def misfit(column: str, before: str, after: str) -> Misfit:
    """What to look for in that column when its type goes from ``before`` to ``after``."""
    name, old, new = quoted(column), Type.of(before), Type.of(after)
    anything = Misfit(f"{name} IS NOT NULL")
    if old.array or new.array:
        return anything
    if new.length is not None:
        return _long(name, old, new.length)
    if old.base in _TEXTS:
        return _no_such_text(name, after)
    if old.base.startswith("timestamp"):
        return _moment(name, before, after, new)
    return _number(name, before, after) or anything


def _long(name: str, old: Type, limit: int) -> Misfit:
    length = f"char_length({name if old.base in _TEXTS else f'{name}::text'})"
    return Misfit(f"{length} > {limit}", f"{length} <= {limit}")


def _no_such_text(name: str, after: str) -> Misfit:
    literal = "'" + after.replace("'", "''") + "'"
    valid = f"pg_input_is_valid({name}::text, {literal})"
    return Misfit(f"NOT {valid}", note="`pg_input_is_valid` is there since PostgreSQL 16.")


def _number(name: str, before: str, after: str) -> Misfit | None:
    old, new = Type.of(before), Type.of(after)
    if new.base in _WHOLE:
        return _whole(name, old, new)
    if new.base == "numeric" and new.sizes:
        return _numeric(name, new)
    if new.base in ("real", "double precision"):
        return Misfit(f"{name}::{after}::{before} <> {name}")
    return None


def _whole(name: str, old: Type, new: Type) -> Misfit:
    inside = f"{name} BETWEEN {_RANGES[new.base]}"
    if old.base in _WHOLE:
        return Misfit(f"NOT {inside}", inside)
    return Misfit(
        f"NOT {inside} OR {name} <> trunc({name})", f"{inside} AND {name} = trunc({name})"
    )


def _numeric(name: str, new: Type) -> Misfit:
    room, scale = new.digits
    rounded = f"round({name}::numeric, {int(scale)})"
    limit = f"1e{int(room)}"
    return Misfit(
        f"{name}::numeric <> {rounded} OR abs({rounded}) >= {limit}",
        f"{name}::numeric = {rounded} AND abs({name}) < {limit}",
    )


def _moment(name: str, before: str, after: str, new: Type) -> Misfit:
    if new.base == "date":
        return Misfit(f"{name} <> date_trunc('day', {name})")
    same_zone = before.endswith("without time zone") == after.endswith("without time zone")
    if new.base.startswith("timestamp") and same_zone:
        return Misfit(f"{name} <> {name}::{after}")
    return Misfit(f"{name} IS NOT NULL")
