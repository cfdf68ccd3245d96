"""What the probe says, parsed as what it is: bytes from a process that ran a stranger's code.

The frames are described in ``bot/observe/probe/PROTOCOL.md``. Types are strict, sizes bounded,
texts cut, numbers clamped, and paths kept only when they lie inside the tree. Whatever does not fit
is a ``BadFrame``; nothing else is ever raised.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import msgspec

from bot.facts import Failure, FailureKind

LINE_BYTES = 1024 * 1024  # of an event or an ordinary answer
CHAIN_BYTES = 8 * 1024 * 1024  # of the answer to open, which holds the whole chain
SQL = 65_536  # characters
MESSAGE = 8_192
DOC = 4_096
NAME = 512
LISTED = 1_000  # entries of a list of names
_PATH = 4_096
_LINES = 10_000_000
_COUNT = 2**53
_LONG = 1e9  # milliseconds: more than eleven days
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# A pair of surrogates is one character, a lone one is none: msgspec refuses it, and Python's own
# json writes it for every byte of a file name or message that was not UTF-8 (PEP 383).
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)

T = TypeVar("T")


class BadFrame(ValueError):
    """The bytes are not a frame of the protocol; the message says why."""


@dataclass(frozen=True)
class Head:
    """What tells frames apart: ``event`` is set for events, ``ok`` for answers."""

    id: int = 0
    event: str | None = None
    ok: bool | None = None


@dataclass(frozen=True)
class Versions:
    """What the target's interpreter runs; a driver is "psycopg 3.2.1", "" while none was used."""

    python: str = ""
    alembic: str = ""
    sqlalchemy: str = ""
    driver: str = ""


@dataclass(frozen=True)
class Ready:
    """The session has imported what it needs; ``missing`` says what it could not import."""

    pid: int
    versions: Versions = Versions()
    missing: str | None = None


@dataclass(frozen=True)
class WireFailure:
    """A failure as the probe tells it; ``checked`` makes it ``bot.facts.Failure``."""

    kind: Literal["database", "python", "refused", "killed"]
    message: str
    exception: str = ""
    sqlstate: str | None = None
    statement: str | None = None
    path: str | None = None
    line: int | None = None

    def checked(self) -> Failure:
        """Cut, confined, and with running out of memory told from other exceptions."""
        out_of_memory = self.kind == "python" and self.exception == "MemoryError"
        path = confined(self.path or "") or None
        return Failure(
            FailureKind.MEMORY if out_of_memory else FailureKind(self.kind),
            message=cut(self.message, MESSAGE),
            exception=cut(self.exception, NAME),
            sqlstate=optional(self.sqlstate, NAME),
            statement=optional(self.statement, SQL),
            path=path,
            line=None if path is None or self.line is None else line_number(self.line),
        )


@dataclass(frozen=True)
class WireRevision:
    """A revision as the probe tells it."""

    revision: str
    path: str
    down_revision: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    branch_labels: tuple[str, ...] = ()
    message: str = ""
    doc: str = ""
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True)
class WireUnloadable:
    """A file that could not be loaded, as the probe tells it."""

    path: str
    line: int
    error: str


@dataclass(frozen=True)
class GraphError:
    """Why Alembic cannot order the revisions: ``cycle``, ``missing``, ``duplicate`` or ``other``.

    A duplicate id alone does not stop Alembic: the file that it loads last wins.
    """

    kind: Literal["cycle", "missing", "duplicate", "other"]
    message: str
    revisions: tuple[str, ...] = ()


@dataclass(frozen=True)
class WireChain:
    """A chain as the probe tells it."""

    revisions: tuple[WireRevision, ...] = ()
    heads: tuple[str, ...] = ()
    real_heads: tuple[str, ...] = ()
    unloadable: tuple[WireUnloadable, ...] = ()
    unloaded: tuple[str, ...] = ()
    graph_error: GraphError | None = None


@dataclass(frozen=True)
class VersionTable:
    """A table in which Alembic keeps its version rows; schema None: the search path decides."""

    table: str = "alembic_version"
    schema: str | None = None


@dataclass(frozen=True)
class OpenAnswer:
    """The answer to ``open``."""

    ok: bool
    chain: WireChain = WireChain()
    environment: Literal["project", "builtin"] = "project"
    environment_note: str | None = None
    environment_failure: WireFailure | None = None
    own_fault: bool = True
    assumed: tuple[str, ...] = ()
    version_table: str = "alembic_version"
    version_table_schema: str | None = None
    version_tables: tuple[VersionTable, ...] = ()
    transaction_per_migration: bool = False
    schemas: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()
    has_metadata: bool = False
    versions: Versions = Versions()
    failure: WireFailure | None = None


@dataclass(frozen=True)
class RunAnswer:
    """The answer to ``run``, ``create_all`` and ``close``."""

    ok: bool
    expected_heads: tuple[str, ...] | None = None
    stepped: tuple[str, ...] = ()
    statements: int = 0
    duration_ms: float = 0.0
    swallowed: WireFailure | None = None
    failure: WireFailure | None = None
    revision: str | None = None


@dataclass(frozen=True)
class StatementEvent:
    """A statement that is about to run; one that ``waits`` does so until it is told to go."""

    seq: int
    sql: str
    path: str
    line: int
    direction: Literal["upgrade", "downgrade"]
    transaction: int | None = None
    parameters: tuple[str, ...] = ()
    cut: bool = False
    many: int = 1
    revision: str | None = None
    backend: int | None = None
    waits: bool = False


@dataclass(frozen=True)
class WireNotice:
    """A notice as the probe tells it."""

    sqlstate: str
    message: str


@dataclass(frozen=True)
class DoneEvent:
    """A statement ended; ``sqlstate`` is set when it failed, "" when its failure has none."""

    seq: int
    duration_ms: float
    rows: int | None = None
    notices: tuple[WireNotice, ...] = field(default=())
    sqlstate: str | None = None
    waits: bool = False


@dataclass(frozen=True)
class ReadEvent:
    """What the bot's query on the waiting statement's connection gave, or why it gave nothing."""

    value: str | None = None
    error: str | None = None


def decode(line: bytes, shape: type[T]) -> T:
    """The frame as that dataclass.

    Raises:
        BadFrame: not JSON, not UTF-8, wrong or missing fields, nested too deep.
    """
    if b"\\ud" in line or b"\\uD" in line:
        line = _ESCAPE.sub(lambda found: b"\\ufffd" if found[1] else found[0], line)
    try:
        return msgspec.json.decode(line, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadFrame(str(error)) from None


def cut(text: str, limit: int) -> str:
    """The text, ended with an ellipsis where it is longer than the limit (in characters)."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def optional(text: str | None, limit: int) -> str | None:
    """``cut`` that lets None through."""
    return None if text is None else cut(text, limit)


def names(found: tuple[str, ...]) -> tuple[str, ...]:
    """A list of names, bounded in number and length."""
    return tuple(cut(name, NAME) for name in found[:LISTED])


def confined(path: str) -> str:
    """The path, normalised, when it is relative and stays in the tree; "" otherwise."""
    if len(path) > _PATH or path.startswith("/") or _CONTROL.search(path):
        return ""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return "" if ".." in parts else "/".join(parts)


def line_number(line: int) -> int:
    """A line of a file, 0 for none."""
    return min(max(line, 0), _LINES)


def count(number: int) -> int:
    """A number of things, never negative and exact in JSON."""
    return min(max(number, 0), _COUNT)


def duration(milliseconds: float) -> float:
    """Milliseconds; 0 for what no clock shows."""
    return milliseconds if math.isfinite(milliseconds) and 0 <= milliseconds < _LONG else 0.0
