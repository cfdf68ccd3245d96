"""The catalogue of one database as a value, and what differs between two of them."""

from bot.observe.catalogue.compare import differences
from bot.observe.catalogue.snapshot import Ignore, OldServer, Snapshot, snapshot

__all__ = ["Ignore", "OldServer", "Snapshot", "differences", "snapshot"]
