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
class Lock:
    """A lock mode taken on a relation (``pg_locks.mode``) and whom it keeps out."""

    relation: str
    mode: str
    blocks: tuple[str, ...] = ()


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
    ``rows`` is the driver's row count, None where it has none. ``sqlstate`` is set when the
    statement raised. ``observed`` is true when the locks of this statement were read.
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
    locks: tuple[Lock, ...] = ()
    scanned: tuple[str, ...] = ()
    rewritten: tuple[str, ...] = ()
    observed: bool = False
    cut: bool = False


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
