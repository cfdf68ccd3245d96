"""What columns are usually called, by what they are for. English names in snake_case.

A name is a guess: policies that rest on one say so, or weigh little.
"""

from __future__ import annotations

from bot.facts.data_types import DataType
from bot.facts.schema import Column

TIMES = ("timestamp without time zone", "timestamp with time zone")
INTEGERS = ("smallint", "integer", "bigint")
TEXTS = ("text", "character varying", "character", "citext", "public.citext")
NUMBERS = (*INTEGERS, "numeric", "real", "double precision", "money")

CREATED = ("created_at", "created_on", "created", "inserted_at", "creation_date", "date_created")
UPDATED = ("updated_at", "updated_on", "updated", "modified_at", "last_modified", "date_updated")
DELETED_AT = ("deleted_at", "deleted_on", "removed_at")
DELETED_FLAG = ("is_deleted", "deleted", "is_removed")
LOOKUPS = ("email", "slug", "status", "username", "code", "sku", "external_id", "phone", "token")
STATES = ("status", "state", "type", "kind", "role", "category", "level", "priority", "phase")
AMOUNTS = (
    "amount", "price", "total", "subtotal", "balance", "cost", "fee", "salary", "tax", "discount",
    "revenue", "budget", "payment", "refund",
)  # fmt: skip
QUANTITIES = ("quantity", "qty", "stock", "count", "capacity", "age", "weight", "height", "size")
SHARES = ("percent", "percentage", "ratio", "probability", "confidence", "share")


def ends_with_word(name: str, words: tuple[str, ...]) -> bool:
    """Whether the name is one of the words or ends in one: ``unit_price``, ``price``."""
    return name in words or name.endswith(tuple(f"_{word}" for word in words))


def is_text(data_type: DataType) -> bool:
    """Whether it is a single text of any length, its domain aside."""
    return data_type.base in TEXTS and not data_type.array and data_type.kind == "base"


def is_time(data_type: DataType) -> bool:
    """Whether it is a date with a time of day."""
    return data_type.base in TIMES and not data_type.array


def is_flag(column: Column) -> bool:
    """Whether it is true or false."""
    return column.type.base == "boolean" and not column.type.array
