"""What is known of a pull request and what became of each thing said on it: frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

NAME = "db-recheck"
"""The name of the commit status and of the check run (contract: "Names")."""


@dataclass(frozen=True)
class Place:
    """Where to speak.

    ``api_url`` and ``server_url`` are the runner's ``GITHUB_API_URL`` and ``GITHUB_SERVER_URL``
    (GitHub Enterprise Server: ``https://host/api/v3`` and ``https://host``). ``repository`` is
    ``owner/name`` of the repository that the pull request goes to. ``number`` is the pull
    request's, None in a merge queue or on a push. ``head_sha`` is the full id of the commit that
    was checked. ``run_url`` is the page of this workflow run.
    """

    api_url: str
    server_url: str
    repository: str
    number: int | None
    head_sha: str
    run_url: str


@dataclass(frozen=True)
class NotKnown:
    """A question that GitHub did not answer, and why, in a sentence. It counts as false."""

    why: str

    def __bool__(self) -> bool:
        return False


@dataclass(frozen=True)
class PullRequest:
    """A pull request as GitHub has it now.

    ``state`` is ``open`` or ``closed`` (merged ones too). ``head_repository`` is ``owner/name``,
    None when the fork was deleted. ``is_fork`` is true for those too: code that does not come from
    the repository itself.
    """

    number: int
    title: str
    body: str
    state: str
    draft: bool
    head_sha: str
    head_ref: str
    head_repository: str | None
    base_ref: str
    base_sha: str
    labels: tuple[str, ...]
    author: str
    locked: bool
    is_fork: bool

    @property
    def open(self) -> bool:
        """Neither closed nor merged."""
        return self.state == "open"


@dataclass(frozen=True)
class OpenPullRequest:
    """One of the open pull requests against a branch; enough to check it anew."""

    number: int
    head_sha: str
    is_fork: bool


@dataclass(frozen=True)
class WorkflowRun:
    """A run of a workflow. ``path`` is the workflow's file, ``status`` as GitHub says it."""

    id: int
    path: str
    event: str
    status: str
    head_sha: str
    url: str


class State(Enum):
    """How one part of the publication ended."""

    DONE = "done"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    NOT_PERMITTED = "not permitted"
    FAILED = "failed"


@dataclass(frozen=True)
class Part:
    """One thing to say on GitHub and how it went; ``detail`` is a sentence of plain text."""

    name: str
    state: State
    detail: str
    url: str | None = None

    @property
    def well(self) -> bool:
        """Whether GitHub shows what it should."""
        return self.state in {State.DONE, State.UNCHANGED}


@dataclass(frozen=True)
class Published:
    """What became of every part, in the order in which they were tried."""

    parts: tuple[Part, ...]

    def part(self, name: str) -> Part | None:
        """The part of that name (``status``, ``comment``, ``review``, ``check run``), or None."""
        return next((part for part in self.parts if part.name == name), None)

    @property
    def comment_url(self) -> str | None:
        """The page of the one comment, None when there is none."""
        comment = self.part("comment")
        return comment.url if comment else None

    @property
    def annotated(self) -> bool:
        """Whether a check run carries the annotations; otherwise workflow commands are to."""
        check = self.part("check run")
        return check is not None and check.well
