"""The sorts of events that this program answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Review:
    """A change to look at.

    ``base`` is a commit id or ``origin/<branch>``, ``head`` a commit id (of a manually started run:
    any name gitrevisions(7) knows). ``number`` is the pull request's, None where there is none.
    ``fork`` says that head comes from another repository. ``attached`` says that GitHub shows this
    job beside head, so that its conclusion is what a required check sees.
    """

    base: str
    head: str
    number: int | None = None
    fork: bool = False
    attached: bool = True


@dataclass(frozen=True)
class Warm:
    """The default branch moved: ``after`` is its tip, ``before`` the one before (None if new)."""

    branch: str
    before: str | None
    after: str


@dataclass(frozen=True)
class Asked:
    """Somebody wrote a new comment on an open pull request."""

    number: int
    comment_id: int
    author: str
    body: str


@dataclass(frozen=True)
class Finished:
    """Another workflow's run on a pull request ended (``workflow_run``).

    ``head_repository`` is ``owner/name``, None when that repository is gone, ``branch`` the head's
    branch there. ``conclusion`` is GitHub's word (``success``, ``failure``, ``cancelled`` …).
    """

    head: str
    head_repository: str | None
    branch: str
    conclusion: str
    run_id: int
    run_url: str
    fork: bool


@dataclass(frozen=True)
class Nothing:
    """Nothing to do; ``reason`` is the sentence that says why."""

    reason: str


@dataclass(frozen=True)
class Refused:
    """An event on which this program must not run; ``reason`` says why and what to use instead."""

    reason: str


Event = Review | Warm | Asked | Finished | Nothing | Refused
