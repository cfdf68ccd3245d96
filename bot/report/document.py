"""The JSON report, ``schema_version`` 1, as types: its schema is generated from them.

Field names and enumerations are the contract's. Fields may be added; readers ignore what they do
not know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

End = Literal["ok", "failed", "skipped"]


@dataclass(frozen=True)
class Tool:
    """Who wrote the report."""

    name: str
    version: str


@dataclass(frozen=True)
class Server:
    """The PostgreSQL server that ran the revisions."""

    version: str
    source: Literal["embedded", "machine", "service"]
    stand_ins: tuple[str, ...]


@dataclass(frozen=True)
class RowsLost:
    """Rows, or values in these columns, that were there before up and down and not after."""

    table: str
    rows: int
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Trip:
    """How the three steps ended; ``residue`` is ``kind name`` of what stayed behind."""

    upgrade: End
    downgrade: Literal["ok", "failed", "missing", "skipped"]
    reupgrade: End
    residue: tuple[str, ...]
    rows_lost: tuple[RowsLost, ...]


@dataclass(frozen=True)
class TakenLock:
    """A lock mode that the statement took and whom it keeps out."""

    relation: str
    mode: str
    blocks: tuple[str, ...]


@dataclass(frozen=True)
class Estimated:
    """Seconds that the statement takes on a table of production's size, and their range."""

    table: str
    rows: int
    seconds: float
    low: float
    high: float


@dataclass(frozen=True)
class Sent:
    """One statement; ``locks``, ``scanned`` and ``rewritten`` mean nothing unless ``observed``.

    ``estimates`` is empty where production's sizes are not stated or the statement is no matter.
    """

    direction: Literal["upgrade", "downgrade"]
    sql: str
    path: str
    line: int
    duration_ms: float
    transaction: int | None
    locks: tuple[TakenLock, ...]
    scanned: tuple[str, ...]
    rewritten: tuple[str, ...]
    observed: bool
    rows: int | None
    sqlstate: str | None
    cut: bool
    estimates: tuple[Estimated, ...]


@dataclass(frozen=True)
class ReportedRevision:
    """A changed revision."""

    revision: str
    down_revision: tuple[str, ...]
    path: str
    message: str
    change: Literal["added", "modified", "deleted", "renamed"]
    round_trip: Trip
    statements: tuple[Sent, ...]


@dataclass(frozen=True)
class Drift:
    """A difference between the models and the migrated database."""

    operation: str
    table: str
    detail: str
    introduced: bool


@dataclass(frozen=True)
class DeployOrder:
    """How migration and code may be deployed so that nothing fails meanwhile, and why."""

    order: Literal["migrate first", "code first", "either", "cannot roll"]
    reason: str


@dataclass(frozen=True)
class ExplainedQuery:
    """A named query and the planner's costs for it; None where PostgreSQL does not accept it."""

    name: str
    path: str
    line: int
    base_cost: float | None
    head_cost: float | None


@dataclass(frozen=True)
class NamedCheck:
    """One check of a project and how it ended."""

    name: str
    state: Literal["passed", "failed", "skipped"]
    reason: str | None


@dataclass(frozen=True)
class ReportedProject:
    """One Alembic environment."""

    config: str
    script_location: str
    environment: Literal["project", "builtin"]
    assumed: tuple[str, ...]
    environment_note: str | None
    base_heads: tuple[str, ...]
    heads: tuple[str, ...]
    revisions: tuple[ReportedRevision, ...]
    drift: tuple[Drift, ...]
    deploy_order: DeployOrder | None
    queries: tuple[ExplainedQuery, ...]
    checks: tuple[NamedCheck, ...]


@dataclass(frozen=True)
class WaivedBy:
    """The waiver that covers a finding."""

    reason: str
    path: str
    line: int


@dataclass(frozen=True)
class WayOut:
    """One remedy; ``text`` is Markdown, ``patch`` a unified diff."""

    title: str
    text: str
    trade_off: str
    patch: str | None


@dataclass(frozen=True)
class ReportedFinding:
    """One finding; ``title`` and ``message`` are Markdown, lines count from 1."""

    policy: str
    group: str
    severity: Literal["block", "warn", "note"]
    confidence: Literal["observed", "certain", "likely"]
    title: str
    message: str
    path: str
    line: int
    end_line: int
    project: str | None
    revision: str | None
    table: str | None
    tables: tuple[str, ...]
    count: int
    column: str | None
    introduced: bool
    waived: WaivedBy | None
    remedies: tuple[WayOut, ...]
    fingerprint: str


@dataclass(frozen=True)
class Unseen:
    """What was not checked, why, and what to do about it."""

    what: str
    why: str
    do: str
    project: str | None
    fatal: bool


@dataclass(frozen=True)
class ReportedPart:
    """A further part (setting ``report-parts``): ``text`` is Markdown, ``diagrams`` are Mermaid."""

    name: str
    title: str
    text: str
    diagrams: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """One run of db-recheck."""

    schema_version: Literal[1]
    tool: Tool
    base: str
    head: str
    merge: str | None
    verdict: Literal["pass", "fail", "error", "skip"]
    summary: str
    postgres: Server | None
    sandbox: str
    projects: tuple[ReportedProject, ...]
    findings: tuple[ReportedFinding, ...]
    not_checked: tuple[Unseen, ...]
    conflicts: tuple[str, ...]
    policies: tuple[str, ...]
    parts: tuple[ReportedPart, ...]
    timings_ms: dict[str, float]
