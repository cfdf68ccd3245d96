"""What can be asked about the schema at head."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Describe:
    """What is this table made of?"""

    table: str


@dataclass(frozen=True)
class Status:
    """Where does the chain stand?"""


@dataclass(frozen=True)
class SuggestIndex:
    """Which index would serve queries by these columns? ``columns`` as ``bot.consult.asked``."""

    table: str
    columns: tuple[str, ...]


Question = Describe | Status | SuggestIndex
