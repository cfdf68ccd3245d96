"""Questions to GitHub; each answer is frozen data or ``NotKnown``, never a crash."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, TypeVar

from bot.facts import Hunk
from bot.github.client import GitHub, commit
from bot.github.faults import GitHubError, Trouble
from bot.github.placing import hunks
from bot.github.records import NAME, NotKnown, OpenPullRequest, PullRequest, WorkflowRun

if TYPE_CHECKING:
    from github import Github
    from github.CommitStatus import CommitStatus
    from github.PullRequest import PullRequest as Pull

T = TypeVar("T")

WRITERS = frozenset({"write", "admin"})
"""What ``permission`` says of those who may push: ``maintain`` is told as ``write`` and ``triage``
as ``read`` (GitHub REST: "Get repository permissions for a user")."""

OPEN = """
query OpenPullRequests($owner: String!, $name: String!, $base: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequests(first: 25, after: $after, states: OPEN, baseRefName: $base) {
      pageInfo { hasNextPage endCursor }
      nodes {
        number
        headRefOid
        isCrossRepository
        files(first: 100) { pageInfo { hasNextPage } nodes { path } }
      }
    }
  }
}
"""


def pull_request(github: GitHub, repository: str, number: int) -> PullRequest | NotKnown:
    """The pull request as it is now."""
    return _asked(
        github, lambda api: _pull_request(api.get_repo(repository).get_pull(number), repository)
    )


def may_write(github: GitHub, repository: str, user: str) -> bool | NotKnown:
    """Whether that person may push to the repository; someone unknown to it may not."""
    try:
        held = github.read(lambda api: api.get_repo(repository).get_collaborator_permission(user))
    except GitHubError as error:
        return False if error.trouble is Trouble.GONE else NotKnown(str(error))
    return held in WRITERS


def pull_request_of(
    github: GitHub,
    repository: str,
    head_sha: str,
    head_repository: str,
    head_branch: str | None = None,
) -> PullRequest | NotKnown:
    """The one open pull request to ``repository`` with that commit as its head.

    For ``workflow_run`` events, whose own list is empty when the head is a fork's: the number must
    come from here, not from what the run uploaded. ``head_repository`` is ``owner/name``.
    """

    def found(pulls: list[Pull]) -> dict[int, PullRequest]:
        known = [_pull_request(pull, repository) for pull in pulls if pull.state == "open"]
        return {
            pull.number: pull
            for pull in known
            if pull.head_sha == head_sha and pull.head_repository == head_repository
        }

    def ask(api: Github) -> dict[int, PullRequest]:
        if head_branch:
            owner = head_repository.partition("/")[0]
            head = f"{owner}:{head_branch}"
            return found([*api.get_repo(repository).get_pulls(state="open", head=head)])
        return found([*commit(api, repository, head_sha).get_pulls()])

    matches = _asked(github, ask)
    if isinstance(matches, NotKnown):
        return matches
    if not matches:
        return NotKnown(f"no open pull request of {repository} has {head_sha[:9]} as its head")
    if len(matches) > 1:
        numbers = ", ".join(f"#{number}" for number in sorted(matches))
        return NotKnown(f"more than one pull request has {head_sha[:9]} as its head: {numbers}")
    return next(iter(matches.values()))


def has_status(github: GitHub, repository: str, sha: str) -> bool | NotKnown:
    """Whether that commit has a status ``db-recheck``: every later run has to update it."""
    return _asked(github, lambda api: status_of(api, repository, sha) is not None)


def status_of(api: Github, repository: str, sha: str) -> CommitStatus | None:
    """The commit's newest status ``db-recheck``, looked for on all pages."""
    from github.CommitStatus import CommitStatus
    from github.PaginatedList import PaginatedList

    # PyGithub's own get_statuses() uses an address that GitHub no longer documents.
    address = f"{commit(api, repository, sha).url}/statuses"
    known = PaginatedList(CommitStatus, api.requester, address, None)
    return next((entry for entry in known if entry.context == NAME), None)


def diff(
    github: GitHub, repository: str, number: int, paths: Collection[str]
) -> dict[str, tuple[Hunk, ...]] | NotKnown:
    """The hunks of those files of the pull request's diff, as GitHub takes comments on them.

    A path that is not in the diff is missing; a file whose patch GitHub leaves out (large, binary,
    only renamed) has no hunks. Pages are read until all paths are found; GitHub lists 3,000 files.
    """

    def ask(api: Github) -> dict[str, tuple[Hunk, ...]]:
        found: dict[str, tuple[Hunk, ...]] = {}
        for file in api.get_repo(repository).get_pull(number).get_files():
            if file.filename in paths:
                found[file.filename] = hunks(file.patch or "")
                if len(found) == len(set(paths)):
                    break
        return found

    return _asked(github, ask) if paths else {}


def open_pull_requests(
    github: GitHub, repository: str, base: str, touching: Callable[[str], bool]
) -> tuple[OpenPullRequest, ...] | NotKnown:
    """Open pull requests against the branch ``base`` that change a path for which that holds.

    One with more than 100 files is counted in without looking at the rest of them.
    """
    owner, _, name = repository.partition("/")
    found: list[OpenPullRequest] = []
    after: str | None = None
    while True:
        try:
            data = github.query(OPEN, owner=owner, name=name, base=base, after=after)
        except GitHubError as error:
            return NotKnown(str(error))
        page = data["repository"]["pullRequests"]
        for node in page["nodes"]:
            files = node["files"] or {"pageInfo": {"hasNextPage": True}, "nodes": []}
            if files["pageInfo"]["hasNextPage"] or any(
                touching(file["path"]) for file in files["nodes"]
            ):
                found.append(
                    OpenPullRequest(node["number"], node["headRefOid"], node["isCrossRepository"])
                )
        if not page["pageInfo"]["hasNextPage"]:
            return tuple(found)
        after = page["pageInfo"]["endCursor"]


def runs_of(
    github: GitHub, repository: str, head_sha: str, event: str = "pull_request"
) -> tuple[WorkflowRun, ...] | NotKnown:
    """The workflow runs that this event started on that head, newest first."""

    def ask(api: Github) -> tuple[WorkflowRun, ...]:
        runs = api.get_repo(repository).get_workflow_runs(event=event, head_sha=head_sha)
        return tuple(
            WorkflowRun(run.id, run.path, run.event, run.status, run.head_sha, run.html_url)
            for run in runs
        )

    return _asked(github, ask)


def _asked(github: GitHub, ask: Callable[[Github], T]) -> T | NotKnown:
    try:
        return github.read(ask)
    except GitHubError as error:
        return NotKnown(str(error))


def _pull_request(pull: Pull, repository: str) -> PullRequest:
    # PyGithub's types promise a repository and an author; a deleted fork or account leaves none.
    # (Not from raw_data: it fetches each pull request of a list once more.)
    source = pull.head.repo.full_name if pull.head.repo else None
    author = pull.user.login if pull.user else "ghost"
    return PullRequest(
        number=pull.number,
        title=pull.title,
        body=pull.body or "",
        state=pull.state,
        draft=bool(pull.draft),
        head_sha=pull.head.sha,
        head_ref=pull.head.ref,
        head_repository=source,
        base_ref=pull.base.ref,
        base_sha=pull.base.sha,
        labels=tuple(label.name for label in pull.labels),
        author=author,
        locked=bool(pull.locked),
        is_fork=source is None or source.lower() != repository.lower(),
    )
