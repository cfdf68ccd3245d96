"""The catalogue of one database as a value, and what differs between two of them."""

from bot.observe.catalogue.compare import differences
from bot.observe.catalogue.schema import schema_of, schemas
from bot.observe.catalogue.snapshot import (
    Ignore,
    OldServer,
    Snapshot,
    plan,
    planned_snapshot,
    snapshot,
)

__all__ = [
    "Ignore",
    "OldServer",
    "Snapshot",
    "differences",
    "plan",
    "planned_snapshot",
    "schema_of",
    "schemas",
    "snapshot",
]
