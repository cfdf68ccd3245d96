"""What a pull request says of itself, as facts: its text, its commits, the issues that it names.

None of it decides whether the change is safe, so nothing waits for it: a limited or unavailable
GitHub is not asked again, and the answer is ``NotKnown``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.facts import CommitMessage, LinkedIssue, PullRequest
from bot.github.client import GitHub
from bot.github.faults import GitHubError, Trouble
from bot.github.records import NotKnown

LOOKED_UP = 10  # issues that are named and not among those that GitHub will close
COMMITS = 100
BODY = 65_536  # characters, GitHub's own limit
MESSAGE = 4_000  # characters of a commit's message

ABOUT = """
query AboutPullRequest($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    defaultBranchRef { name }
    pullRequest(number: $number) {
      title
      body
      isDraft
      headRefName
      baseRefName
      author { login }
      labels(first: 100) { nodes { name } }
      commits(first: 100) { nodes { commit { oid message } } }
    }
  }
}
"""
CLOSED = """
query IssuesToClose($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      closingIssuesReferences(first: 20) {
        nodes { number state repository { nameWithOwner } }
      }
    }
  }
}
"""
ISSUE = """
query NamedIssue($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    issueOrPullRequest(number: $number) { ... on Issue { number state } }
  }
}
"""

# GitHub docs, "Autolinked references and URLs": #12, GH-12, owner/name#12, an issue's address.
_NAMED = re.compile(
    r"(?<![\w/&#-])(?:(?P<repository>[\w-]+/[\w.-]+)?#|GH-)(?P<number>[1-9]\d{0,8})\b"
    r"|https?://[^\s/]+/(?P<where>[\w-]+/[\w.-]+)/issues/(?P<there>[1-9]\d{0,8})\b"
)
# GitHub docs, "Creating a branch to work on an issue": it begins with the number; the other forms
# are what teams write: `feature/12-moods`, `gh-12`, `issue_12_moods`.
_BRANCH = re.compile(
    r"(?:[^/]+/)*(?:(?:issue|gh)[-_#]?)?(?P<number>[1-9]\d{0,8})(?:[-_/]|\Z)", re.IGNORECASE
)


def about(github: GitHub, repository: str, number: int) -> PullRequest | NotKnown:
    """The pull request as facts; ``others`` stays None."""
    owner, _, name = repository.partition("/")
    try:
        data = github.query(ABOUT, owner=owner, name=name, number=number, patient=False)
    except GitHubError as error:
        return NotKnown(str(error))
    held = data["repository"]
    pull = held["pullRequest"]
    commits = [node["commit"] for node in _nodes(pull["commits"])[:COMMITS]]
    default = held["defaultBranchRef"] or {}
    told = PullRequest(
        number=number,
        title=pull["title"],
        body=(pull["body"] or "")[:BODY],
        labels=tuple(node["name"] for node in _nodes(pull["labels"])),
        author=(pull["author"] or {"login": "ghost"})["login"],
        branch=pull["headRefName"],
        base_branch=pull["baseRefName"],
        to_default_branch=pull["baseRefName"] == default.get("name"),
        draft=bool(pull["isDraft"]),
        commits=tuple(CommitMessage(each["oid"], each["message"][:MESSAGE]) for each in commits),
    )
    return _with_issues(github, repository, told)


def _nodes(connection: Any) -> list[Any]:
    """The nodes of a connection; what this token may not see is null there."""
    return [node for node in (connection or {}).get("nodes") or () if node]


def _closing(github: GitHub, repository: str, number: int) -> list[LinkedIssue]:
    """The issues that GitHub will close; none where the token does not show issues.

    A question of its own: GitHub answers none of it when one part is not permitted.
    """
    owner, _, name = repository.partition("/")
    try:
        data = github.query(CLOSED, owner=owner, name=name, number=number, patient=False)
    except GitHubError:
        return []
    pull = data["repository"]["pullRequest"]
    return [
        LinkedIssue(
            number=node["number"],
            state=node["state"].lower(),
            exists=True,
            repository=node["repository"]["nameWithOwner"],
            closes=True,
        )
        for node in _nodes(pull["closingIssuesReferences"])
    ]


def _with_issues(github: GitHub, repository: str, told: PullRequest) -> PullRequest:
    closing = _closing(github, repository, told.number)
    found = {(issue.repository.lower(), issue.number): issue for issue in closing}
    texts = (told.title, told.body, *(commit.message for commit in told.commits))
    named = dict.fromkeys(pair for text in texts for pair in _named(text, repository))
    new = [pair for pair in named if (pair[0].lower(), pair[1]) not in found]
    for where, number in new[:LOOKED_UP]:
        issue = _looked_up(github, where, number, known=where.lower() == repository.lower())
        if issue:
            found[where.lower(), number] = issue
    branch = _BRANCH.match(told.branch)
    own = (repository.lower(), int(branch["number"])) if branch else None
    if own and own not in found:  # it may be a year or a version: only an issue that exists counts
        issue = _looked_up(github, repository, own[1], known=True)
        if issue and issue.exists:
            found[own] = issue
    return replace(told, issues=tuple(found.values()))


def _named(text: str, repository: str) -> Iterator[tuple[str, int]]:
    """The repositories and numbers that a text names."""
    for match in _NAMED.finditer(text):
        where = match["repository"] or match["where"] or repository
        yield where, int(match["number"] or match["there"])


def _looked_up(github: GitHub, repository: str, number: int, *, known: bool) -> LinkedIssue | None:
    """The issue of that number; None where it is a pull request's.

    Another repository's is not looked up: the token of a workflow sees its own repository alone.
    """
    if not known:
        return LinkedIssue(number, repository=repository)
    owner, _, name = repository.partition("/")
    try:
        data = github.query(ISSUE, owner=owner, name=name, number=number, patient=False)
    except GitHubError as error:
        exists = False if error.trouble is Trouble.GONE else None
        return LinkedIssue(number, exists=exists, repository=repository)
    node = data["repository"]["issueOrPullRequest"]
    if not node:  # a pull request has none of the fields that were asked for
        return None
    return LinkedIssue(number, node["state"].lower(), exists=True, repository=repository)
