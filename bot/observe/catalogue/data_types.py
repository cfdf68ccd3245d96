"""Columns' types, seen through domains and arrays. Pure.

Source of the modifiers' meaning: PostgreSQL's ``format_type.c`` and each type's ``typmodout``.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.facts.data_types import DataType
from bot.observe.catalogue.structure import TypeRow

_KINDS = {
    "b": "base",
    "c": "composite",
    "e": "enum",
    "m": "multirange",
    "p": "pseudo",
    "r": "range",
}
_HEADER = 4  # bytes of a varlena header, which the modifiers of text and numeric types count in
_TEXTS = ("character varying", "character")
_BITS = ("bit", "bit varying")
_TIMES = ("timestamp", "time", "interval")
_NO_PRECISION = 0xFFFF


class DataTypes:
    """The types of one schema, by object id; equal types are one object."""

    def __init__(self, rows: Iterable[TypeRow]) -> None:
        self._rows = {row.oid: row for row in rows}
        self._made: dict[tuple[int, int, str], DataType] = {}

    def of(self, oid: int, modifier: int, written: str) -> DataType:
        """The type with that modifier; ``written`` is how ``format_type`` prints it."""
        key = (oid, modifier, written)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(*key)
        return made

    def named(self, name: str, written: str) -> DataType:
        """What the domain of that name is over."""
        row = next((row for row in self._rows.values() if row.name == name), None)
        return self.of(row.base, row.modifier, written) if row else DataType(written, written)

    def _make(self, oid: int, modifier: int, written: str) -> DataType:
        domain, array = None, False
        row = self._rows.get(oid)
        while row is not None and (row.base or row.element):
            if row.base:
                domain, oid = domain or row.name, row.base
                modifier = row.modifier if modifier < 0 else modifier
            else:
                array, oid = True, row.element
            row = self._rows.get(oid)
        if row is None:
            return DataType(written, written, domain=domain, array=array)
        length, precision, scale = _sizes(row.name, modifier)
        kind = _KINDS.get(row.type, "base")
        return DataType(
            written, row.name, kind, row.category, domain, array, length, precision, scale
        )


def _sizes(base: str, modifier: int) -> tuple[int | None, int | None, int | None]:
    """Length, precision and scale."""
    if modifier < 0:
        return None, None, None
    if base in _TEXTS:
        return modifier - _HEADER, None, None
    if base in _BITS:
        return modifier, None, None
    if base == "numeric":
        packed = modifier - _HEADER
        # 11 bits, signed since PostgreSQL 15; before it there were 16 unsigned ones up to 1000.
        return None, packed >> 16, ((packed & 0x7FF) ^ 1024) - 1024
    if base.startswith(_TIMES):
        precision = modifier & 0xFFFF
        return None, None if precision == _NO_PRECISION else precision, None
    return None, None, None
