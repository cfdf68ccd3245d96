"""What happened when revisions ran on a real PostgreSQL. No opinions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bot.facts.catalogue import Difference


class State(Enum):
    """How one direction of a revision ended."""

    OK = "ok"
    FAILED = "failed"
    MISSING = "missing"  # there is no such function, or its body is empty
    SKIPPED = "skipped"  # not run; a NotChecked entry says why


class Direction(Enum):
    """Which of a revision's two functions ran."""

    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"


@dataclass(frozen=True)
class Effect:
    """What one statement did to one relation, as the database showed it.

    ``relation`` is its ``schema.name`` (after the statement; before it where it was dropped),
    ``kind`` PostgreSQL's word for it ("table", "partitioned table", "index", "materialized view",
    "sequence", …), ``table`` the table that an index or owned sequence belongs to, the relation
    itself otherwise. ``existed`` is true for what was there before the change, told by its oid.
    ``locks`` are the modes (``pg_locks.mode``) that this statement added on it, ``held`` those that
    earlier statements of its transaction still held. ``scanned``: read from end to end;
    ``rewritten``: it existed before the statement and has new storage since. ``constraint`` is true
    for an index that backs a constraint. ``inserted``, ``updated`` and ``deleted`` count rows.

    Source: PostgreSQL docs, "pg_locks", "The Cumulative Statistics System" (pg_stat_xact_*).
    """

    relation: str
    kind: str = "table"
    table: str = ""
    existed: bool = True
    locks: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    scanned: bool = False
    rewritten: bool = False
    created: bool = False
    dropped: bool = False
    constraint: bool = False
    inserted: int = 0
    updated: int = 0
    deleted: int = 0


class Seen(Enum):
    """How the effects of a statement were seen."""

    TRANSACTION = "transaction"  # read in its own transaction, right after it
    WAITING = "waiting"  # in autocommit: the modes it asked for while it waited for the bot
    SAMPLED = "sampled"  # in autocommit: what another connection saw while it ran
    NOT = "not"


@dataclass(frozen=True)
class Notice:
    """A NOTICE or WARNING of the server."""

    sqlstate: str
    message: str


@dataclass(frozen=True)
class Statement:
    """One statement as it was sent to the server.

    ``sql`` as executed, cut at the size limit (``cut``). ``parameters`` are the types of its
    parameters, never their values. ``path`` and ``line`` are those of the call in the revision
    file; ``line`` is 0 when no frame of the tree was on the stack. ``duration_ms`` in
    milliseconds. ``transaction`` counts the transactions of this run from 1; None in autocommit.
    ``rows`` is the driver's row count, None where it has none; ``many`` the number of parameter
    sets. ``sqlstate`` is set when the statement raised. ``effects`` are what it did, relation by
    relation, and ``seen`` how that is known; ``unseen`` says why where it is not, or what part is
    not. ``lock_timeout_ms`` and ``statement_timeout_ms`` were in force while it ran (0: none; None:
    not known).
    """

    direction: Direction
    sql: str
    path: str
    line: int
    duration_ms: float
    transaction: int | None
    parameters: tuple[str, ...] = ()
    rows: int | None = None
    notices: tuple[Notice, ...] = ()
    sqlstate: str | None = None
    cut: bool = False
    many: int = 1
    effects: tuple[Effect, ...] = ()
    seen: Seen = Seen.NOT
    unseen: str | None = None
    lock_timeout_ms: float | None = None
    statement_timeout_ms: float | None = None

    @property
    def observed(self) -> bool:
        """Whether what it locked was seen."""
        return self.seen is not Seen.NOT


class FailureKind(Enum):
    """What ended a step that did not succeed."""

    DATABASE = "database"  # the server refused a statement
    PYTHON = "python"  # the revision, env.py or Alembic raised
    TIMEOUT = "timeout"  # it ran past the time limit and was killed
    MEMORY = "memory"  # it ran past the memory limit
    KILLED = "killed"  # the process ended by itself or by a signal
    REFUSED = "refused"  # NotImplementedError and the like: the author says "no way back"


@dataclass(frozen=True)
class Failure:
    """Why a step did not succeed.

    ``message`` is the database's or Python's own message, ``exception`` its class name,
    ``statement`` the SQL that was refused. ``path`` and ``line`` point into the tree (the innermost
    frame of the revision file; else of env.py; else of any file of the tree), None when unknown.
    """

    kind: FailureKind
    message: str
    exception: str = ""
    sqlstate: str | None = None
    statement: str | None = None
    path: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Step:
    """One direction of one revision (or of the whole change), run once.

    A ``failure`` with the state ``ok`` was caught by env.py, which reported success.

    ``changed`` is the catalogue's difference between before and after. ``stamped`` are the rows of
    the version table read afterwards by the bot's own connection, ``expected`` what Alembic's graph
    says they must be. ``rows_touched`` counts rows that INSERT, UPDATE and DELETE reported.
    ``extensions`` were refused to the scratch role and created by the bot, so that the run went on.
    """

    state: State
    failure: Failure | None = None
    statements: tuple[Statement, ...] = ()
    changed: tuple[Difference, ...] = ()
    stamped: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    rows_touched: int = 0
    duration_ms: float = 0.0
    extensions: tuple[str, ...] = ()


SKIPPED = Step(State.SKIPPED)


@dataclass(frozen=True)
class RoundTrip:
    """Upgrade, downgrade, upgrade again.

    ``residue`` is what differs from the start after up and down; ``unequal`` what differs between
    the ends of the first and the second upgrade.
    """

    upgrade: Step = SKIPPED
    downgrade: Step = SKIPPED
    reupgrade: Step = SKIPPED
    residue: tuple[Difference, ...] = ()
    unequal: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class FreshInstall:
    """The merged chain run from scratch, compared with the upgraded base (``unequal``)."""

    step: Step = SKIPPED
    unequal: tuple[Difference, ...] = ()
