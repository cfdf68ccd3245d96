"""The type whose values fit a column both before and after the change. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.facts.data_types import DataType
from bot.observe.rows.rule import ANYTHING, Rule
from bot.observe.rows.scalars import TEXTS
from bot.observe.rows.values import Values

SIZES = ("smallint", "integer", "bigint", "numeric", "real", "double precision")


def narrowed(before: DataType, after: DataType, values: Values) -> tuple[DataType, Rule]:
    """The type to make values of, and what they must obey beside it.

    Values need not keep their precision through the change: what is lost that way is a finding.
    They must only not be refused.
    """
    if before.name == after.name or before.array != after.array:
        return before, ANYTHING
    if "enum" in (before.kind, after.kind) and not before.array:
        return _enum(before, after, values)
    if before.base in TEXTS and after.base in TEXTS:
        lengths = [item for item in (before.length, after.length) if item is not None]
        return replace(before, length=min(lengths, default=None)), ANYTHING
    if before.base in TEXTS:
        return after, Rule(longest=before.length)
    if before.base in SIZES and after.base in SIZES:
        return _number(before, after), ANYTHING
    return before, ANYTHING


def _number(before: DataType, after: DataType) -> DataType:
    smaller = min((before, after), key=lambda kind: SIZES.index(kind.base))
    digits = [item for item in (before.precision, after.precision) if item is not None]
    return replace(before, precision=min(digits)) if digits else smaller


def _enum(before: DataType, after: DataType, values: Values) -> tuple[DataType, Rule]:
    labels = [values.labels(kind) for kind in (before, after) if kind.kind == "enum"]
    shared = tuple(item for item in labels[0] if item in labels[-1])
    return before, Rule(allowed=shared) if shared else ANYTHING
