"""What the double remembers: one repository with its pull requests and all that is said on them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Level = Literal["none", "read", "write"]


@dataclass(frozen=True)
class Account:
    """Who a token is; ``kind`` is ``Bot`` for a workflow's own token."""

    login: str
    kind: Literal["User", "Bot"]

    @property
    def name_in_graphql(self) -> str | None:
        """What ``viewer`` says of it."""
        return self.login


ACTIONS = Account("github-actions[bot]", "Bot")
PERSON = Account("octocat", "User")


@dataclass
class Rights:
    """What a token may do, by the names of a workflow's ``permissions:``."""

    account: Account = ACTIONS
    issues: Level = "write"
    pull_requests: Level = "write"
    checks: Level = "write"
    statuses: Level = "write"
    actions: Level = "write"
    contents: Level = "read"
    resolves_threads: bool = True

    @classmethod
    def read_only(cls) -> Rights:
        """The token of a pull request from a fork or of Dependabot."""
        levels: dict[str, Level] = dict.fromkeys(
            ("issues", "pull_requests", "checks", "statuses", "actions"), "read"
        )
        return cls(ACTIONS, **levels, resolves_threads=False)


@dataclass
class File:
    """A file of a pull request's diff; ``patch`` is missing for large and binary ones.

    ``text`` is the whole file at head, None where it is not to be had.
    """

    path: str
    patch: str | None
    status: str = "modified"
    text: str | None = None


@dataclass
class Pull:
    """A pull request; ``commits`` are ids, ``messages`` those of its commits, oldest first.

    ``closes`` are the issues that GitHub will close when it is merged.
    """

    number: int
    head_sha: str
    head_repository: str | None
    files: list[File] = field(default_factory=list)
    title: str = "Add a mood"
    body: str | None = None
    state: str = "open"
    draft: bool = False
    locked: bool = False
    head_ref: str = "moods"
    base_ref: str = "main"
    base_sha: str = "b" * 40
    author: str = "octocat"
    labels: tuple[str, ...] = ()
    commits: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    closes: list[int] = field(default_factory=list)


@dataclass
class Comment:
    """A comment on the conversation."""

    id: int
    number: int
    body: str
    author: Account
    edits: int = 0
    reactions: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Review:
    """A review; its line comments point to it."""

    id: int
    number: int
    body: str
    event: str
    author: Account
    commit: str


@dataclass
class LineComment:
    """The first comment of a review thread, and the thread."""

    id: int
    review: int
    number: int
    body: str
    author: Account
    path: str
    commit: str
    line: int | None
    start_line: int | None
    subject: str
    edits: int = 0
    resolved_by: Account | None = None
    outdated: bool = False

    @property
    def node(self) -> str:
        """Its GraphQL id."""
        return f"PRRC_{self.id}"

    @property
    def thread(self) -> str:
        """Its thread's GraphQL id."""
        return f"PRRT_{self.id}"


@dataclass
class Status:
    """A commit status."""

    id: int
    sha: str
    state: str
    description: str | None
    context: str
    target_url: str | None


@dataclass
class CheckRun:
    """A check run with the annotations of all requests."""

    id: int
    sha: str
    name: str
    external_id: str
    conclusion: str
    details_url: str
    title: str
    summary: str
    annotations: list[dict[str, object]]


@dataclass
class Run:
    """A run of a workflow."""

    id: int
    head_sha: str
    event: str = "pull_request"
    path: str = ".github/workflows/db-recheck.yml"
    status: str = "completed"
    attempts: int = 1


@dataclass(frozen=True)
class Request:
    """A request as it was answered; ``operation`` is the GraphQL one's name."""

    method: str
    path: str
    status: int
    operation: str = ""

    @property
    def writes(self) -> bool:
        """Whether it asked for a change."""
        reading = {"OpenPullRequests", "ReviewThreads", "query", "AboutPullRequest", "NamedIssue"}
        reading |= {"IssuesToClose", "OtherPullRequests", "RevisionTexts"}
        return self.operation not in reading if self.operation else self.method != "GET"


@dataclass
class World:
    """The repository ``acme/shop`` and what was asked of it.

    ``issues`` maps the numbers of issues to their states, ``OPEN`` or ``CLOSED``.

    ``violations`` are requests and answers that GitHub's descriptions do not allow: a test that
    leaves one has failed.
    """

    repository: str = "acme/shop"
    tokens: dict[str, Rights] = field(default_factory=dict)
    pulls: dict[int, Pull] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    reviews: dict[int, Review] = field(default_factory=dict)
    line_comments: dict[int, LineComment] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)
    check_runs: dict[int, CheckRun] = field(default_factory=dict)
    runs: dict[int, Run] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    issues: dict[int, str] = field(default_factory=dict)
    default_branch: str = "main"
    requests: list[Request] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    # GitHub's ids of review comments have outgrown GraphQL's Int.
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(2_600_000_001))

    @property
    def writes(self) -> list[Request]:
        """The requests that asked for a change."""
        return [request for request in self.requests if request.writes]
