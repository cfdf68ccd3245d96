"""The change run again on tables that hold rows. No opinions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bot.facts.run import SKIPPED, Direction, Failure, Step


class Origin(Enum):
    """Where the rows of a table come from."""

    INVENTED = "invented"  # made up from the catalogue: valid, distinct, without NULL
    SEED = "seed"  # the user's, from `seed-sql`
    BASE = "base"  # base's own revisions wrote them


class Trait(Enum):
    """What it is about rows that a step does not bear."""

    ANY = "any row"
    SEEDED = "the rows of seed-sql"
    INVENTED = "invented values"  # ordinary ones; real rows may well hold others
    NULLS = "NULLs"
    DUPLICATES = "duplicates"
    ORPHANS = "references to rows that do not exist"
    EMPTY = "empty values"
    LONG = "long texts"
    EXTREMES = "numbers at the ends of their range"
    OLD_DATES = "dates of long ago or far ahead"
    MIXED_CASE = "letters of either case"
    UNICODE = "letters outside ASCII"
    DROPPED = "values that the new type or constraint leaves out"
    LATER = "rows written after the upgrade"


@dataclass(frozen=True)
class Filled:
    """A table that held rows when the change ran; ``rows`` counts them before it did.

    ``note`` says what was done to get them in ("its triggers were off"), "" for nothing.
    """

    table: str
    rows: int
    origin: Origin = Origin.INVENTED
    note: str = ""


@dataclass(frozen=True)
class Unfilled:
    """A table that should have held rows and did not, with the reason."""

    table: str
    reason: str


@dataclass(frozen=True)
class Loss:
    """Values of one table that an upgrade and its downgrade did not bring back.

    ``rows`` counts rows that are gone or changed, ``gone`` those that are gone, ``compared`` how
    many there were. ``columns`` are those whose values were lost, empty where only whole rows were.
    ``before`` and ``after`` are one value of the first column, masked where the rows are the
    user's; ``after`` is None for NULL. ``later``: these rows were written after the upgrade, not
    before it. ``odd``: they hold what base's type allows and head's does not.
    """

    table: str
    rows: int
    columns: tuple[str, ...] = ()
    gone: int = 0
    compared: int = 0
    before: str | None = None
    after: str | None = None
    later: bool = False
    odd: bool = False


@dataclass(frozen=True)
class RowsTrip:
    """One changed revision on tables with rows: its upgrade, its downgrade, what was lost.

    The steps carry no catalogue differences: those of the empty tables are the same.
    """

    revision: str
    upgrade: Step = SKIPPED
    downgrade: Step = SKIPPED
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True)
class Refusal:
    """A step that passes on empty tables and failed on rows.

    ``trait`` is what about the rows made it fail. ``table``, ``columns`` and ``constraint`` are
    those concerned, as far as the failure tells.
    """

    revision: str
    direction: Direction
    failure: Failure
    trait: Trait
    table: str | None = None
    columns: tuple[str, ...] = ()
    constraint: str | None = None


@dataclass(frozen=True)
class RowsSeen:
    """All that running the change on rows showed.

    ``asked`` is the number of rows for each table (the setting ``rows``; tables that nothing ties
    to the change get a few), ``seeds`` are the files of ``seed-sql`` that were run. ``odd`` tells
    whether odd values (NULLs, duplicates, …) were tried too.
    """

    asked: int
    seeds: tuple[str, ...] = ()
    filled: tuple[Filled, ...] = ()
    unfilled: tuple[Unfilled, ...] = ()
    trips: tuple[RowsTrip, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    odd: bool = False

    def trip(self, revision: str) -> RowsTrip | None:
        """The trip of that revision, or None."""
        return next((item for item in self.trips if item.revision == revision), None)

    def table(self, name: str) -> Filled | None:
        """The filled table ``schema.name``, or None."""
        return next((item for item in self.filled if item.table == name), None)
