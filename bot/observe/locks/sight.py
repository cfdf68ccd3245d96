"""What was seen of one statement, and the words for what was not."""

from __future__ import annotations

from dataclasses import dataclass

from bot.facts import Effect, Seen

FAILED = "it failed, and PostgreSQL gave its locks back at once"
ENDED = "it ended its own transaction, and with it its locks"
OTHERS = "several statements ran at the same time"
NO_BACKEND = "the driver does not tell which server process it talks to"
TOO_MANY = "only the first {limit} statements of a run are watched"
TOO_MANY_ALONE = "only the first {limit} statements outside a transaction are watched"
UNREADABLE = "the database could not be read beside it: {why}"
HURRIED = "statement_timeout is {limit:g} ms: reading beside it could have failed the revision"
NO_COUNTERS = "track_counts is off, so that full reads and rows cannot be counted"
TOO_LARGE = "it ran outside a transaction, in a database of more than {most:,} relations"
TOO_FAST = "it ran outside a transaction and was over before its locks could be seen"
SAMPLED = (
    "it ran outside a transaction: locks that it held for less than a millisecond can be missing"
)
UNCOUNTED = "before PostgreSQL 15 full reads outside a transaction cannot be counted at once"
CUT = "{count} more relations were touched"


@dataclass(frozen=True)
class Sight:
    """What was seen of one statement; the fields are those of ``bot.facts.Statement``."""

    seen: Seen = Seen.NOT
    effects: tuple[Effect, ...] = ()
    unseen: str | None = None
    lock_timeout_ms: float | None = None
    statement_timeout_ms: float | None = None


UNENDED = Sight(unseen="it did not end")
