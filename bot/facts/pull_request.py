"""What a pull request says and what stands beside it, as GitHub tells it. No opinions.

Asked by the half of the Action that holds a token, never by the one that runs the change's code.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LinkedIssue:
    """An issue that the pull request names in its title, body or commits, or will close.

    ``state`` is "open" or "closed". ``exists`` is false where GitHub knows no issue of that number,
    and None, like ``state``, where it did not tell. ``repository`` is ``owner/name``. ``closes``:
    GitHub closes it when the pull request is merged.
    """

    number: int
    state: str | None = None
    exists: bool | None = None
    repository: str = ""
    closes: bool = False


@dataclass(frozen=True)
class CommitMessage:
    """One commit of the pull request with its whole message, cut at the size limit."""

    sha: str
    message: str


@dataclass(frozen=True)
class OtherRevision:
    """A revision file that another pull request adds, read from its syntax tree.

    ``revision`` and ``down_revision`` are None where the text was not to be had or computes them.
    """

    path: str
    revision: str | None = None
    down_revision: tuple[str, ...] | None = None


@dataclass(frozen=True)
class OtherPullRequest:
    """Another open pull request to the same branch that adds revision files."""

    number: int
    title: str = ""
    branch: str = ""
    revisions: tuple[OtherRevision, ...] = ()


@dataclass(frozen=True)
class PullRequest:
    """The pull request that is reviewed.

    ``branch`` and ``base_branch`` are bare names ("main"); ``to_default_branch``: base is the
    repository's default branch. ``issues`` and ``commits`` (the oldest first) are bounded in
    number. ``others`` are those of the most recently updated open pull requests that add
    revisions, None where GitHub was not asked or did not answer: a ``NotChecked`` entry says why.
    """

    number: int
    title: str = ""
    body: str = ""
    labels: tuple[str, ...] = ()
    author: str = ""
    branch: str = ""
    base_branch: str = ""
    to_default_branch: bool = False
    draft: bool = False
    issues: tuple[LinkedIssue, ...] = ()
    commits: tuple[CommitMessage, ...] = ()
    others: tuple[OtherPullRequest, ...] | None = None
