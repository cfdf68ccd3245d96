"""GitHub's events, each read by one function: which commits, for whom, with which rights.

Reference: https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
"""

from __future__ import annotations

from collections.abc import Callable

from bot.event.kinds import Asked, Event, Finished, Nothing, Refused, Review, Warm
from bot.event.payload import Payload

_BRANCH = "refs/heads/"


def read_event(name: str, payload: Payload, sha: str = "") -> Event:
    """The event ``name`` (GITHUB_EVENT_NAME) with its payload.

    ``sha`` is GITHUB_SHA, which only manually started runs need: for a pull request it is a merge
    commit that GitHub made when the event was sent.

    Raises:
        BadPayload: the payload lacks what every such event has.
    """
    reader = _READERS.get(name)
    if reader is None:
        return Nothing(
            f"Nothing to check: `{name or 'no event'}` is not an event that db-recheck answers."
        )
    return reader(payload, sha)


def _pull_request(payload: Payload, _sha: str) -> Event:
    """Every action but ``closed`` gets a whole review, ``edited`` and ``labeled`` too.

    The newest run on a head is the one that a required check shows: a run that skipped because only
    a title was edited would turn a red check green.
    """
    if payload.text("action") == "closed":
        return Nothing("Nothing to check: the pull request was closed.")
    return Review(
        base=f"origin/{payload.name('pull_request.base.ref')}",
        head=payload.sha("pull_request.head.sha"),
        number=payload.number("pull_request.number"),
        fork=_is_fork(payload, "pull_request.head.repo.full_name"),
    )


def _pull_request_target(_payload: Payload, _sha: str) -> Event:
    return Refused(
        "`pull_request_target` runs with a token that may write and with your secrets, and"
        " db-recheck runs the code of the pull request: use `on: pull_request`, and for pull"
        " requests from forks the two workflows in docs/workflows/fork/."
    )


def _merge_group(payload: Payload, _sha: str) -> Event:
    if payload.text("action") == "destroyed":
        return Nothing("Nothing to check: the merge group is gone.")
    return Review(payload.sha("merge_group.base_sha"), payload.sha("merge_group.head_sha"))


def _push(payload: Payload, _sha: str) -> Event:
    branch = payload.text("ref").removeprefix(_BRANCH)
    default = payload.text("repository.default_branch")
    if not payload.text("ref").startswith(_BRANCH):
        return Nothing("Nothing to check: a tag was pushed.")
    if payload.get("deleted") is True:
        return Nothing(f"Nothing to check: the branch `{branch}` was deleted.")
    if branch != default:
        return Nothing(
            f"Nothing to check: `{branch}` is not the default branch; what is pushed to it is"
            " checked on its pull request."
        )
    return Warm(branch, payload.sha_or_none("before"), payload.sha("after"))


def _dispatch(payload: Payload, sha: str) -> Event:
    default = payload.name("repository.default_branch")
    base = payload.text("inputs.base").strip() or f"origin/{default}"
    head = payload.text("inputs.head").strip() or sha
    if not head:
        return Nothing("Nothing to check: the run names no commit.")
    return Review(base, head)


def _comment(payload: Payload, _sha: str) -> Event:
    if payload.text("action") != "created":
        return Nothing("Nothing to do: only new comments are read, edited ones are not.")
    if payload.get("issue.pull_request") is None:
        return Nothing("Nothing to do: the comment is on an issue, not on a pull request.")
    if payload.text("issue.state") != "open":
        return Nothing("Nothing to do: the pull request is closed.")
    return Asked(
        number=payload.number("issue.number"),
        comment_id=payload.number("comment.id"),
        author=payload.name("comment.user.login"),
        body=payload.text("comment.body"),
    )


def _workflow_run(payload: Payload, _sha: str) -> Event:
    if payload.text("action") != "completed":
        return Nothing("Nothing to report: the other workflow's run has not ended.")
    started_by = payload.text("workflow_run.event")
    if started_by != "pull_request":
        return Nothing(
            f"Nothing to report: the other workflow's run was started by `{started_by}`,"
            " not by a pull request."
        )
    return Finished(
        head=payload.sha("workflow_run.head_sha"),
        head_repository=payload.text("workflow_run.head_repository.full_name") or None,
        branch=payload.text("workflow_run.head_branch"),
        conclusion=payload.text("workflow_run.conclusion") or "unknown",
        run_id=payload.number("workflow_run.id"),
        run_url=payload.text("workflow_run.html_url"),
        fork=_is_fork(payload, "workflow_run.head_repository.full_name"),
    )


def _is_fork(payload: Payload, path: str) -> bool:
    """Whether the head's repository is another one; a deleted one was."""
    return payload.text(path).lower() != payload.text("repository.full_name").lower()


_READERS: dict[str, Callable[[Payload, str], Event]] = {
    "pull_request": _pull_request,
    "pull_request_target": _pull_request_target,
    "merge_group": _merge_group,
    "push": _push,
    "workflow_dispatch": _dispatch,
    "issue_comment": _comment,
    "workflow_run": _workflow_run,
}
