"""Our review threads of a pull request: which findings they tell, and which are resolved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.github import markers
from bot.github.client import GitHub
from bot.github.faults import GitHubError
from bot.github.records import Place

THREADS = """
query ReviewThreads($owner: String!, $name: String!, $number: Int!, $after: String) {
  viewer { login }
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id
          isResolved
          isOutdated
          subjectType
          resolvedBy { login }
          comments(first: 1) { nodes { id body viewerDidAuthor } }
        }
      }
    }
  }
}
"""
RESOLVE = """
mutation ResolveThread($thread: ID!) {
  resolveReviewThread(input: {threadId: $thread}) { thread { isResolved } }
}
"""
UNRESOLVE = """
mutation UnresolveThread($thread: ID!) {
  unresolveReviewThread(input: {threadId: $thread}) { thread { isResolved } }
}
"""
EDIT = """
mutation EditReviewComment($comment: ID!, $body: String!) {
  updatePullRequestReviewComment(input: {pullRequestReviewCommentId: $comment, body: $body}) {
    pullRequestReviewComment { id }
  }
}
"""


@dataclass(frozen=True)
class Thread:
    """A thread that we began. ``id`` and ``comment`` are GraphQL ids, None where only REST told.

    ``by_person`` is true when somebody else resolved it: their word stands.
    """

    fingerprint: str
    digest: str
    body: str
    resolved: bool = False
    by_person: bool = False
    outdated: bool = False
    on_file: bool = False
    id: str | None = None
    comment: str | None = None


def our_threads(github: GitHub, place: Place) -> tuple[Thread, ...]:
    """Our threads, oldest first; from REST, without their state, where GraphQL fails.

    Raises:
        GitHubError: neither of the two told.
    """
    try:
        return tuple(_threads(github, place))
    except GitHubError:
        return tuple(_comments(github, place))


def resolve(github: GitHub, thread: str) -> None:
    """Mark the thread as resolved."""
    github.mutate(RESOLVE, thread=thread)


def unresolve(github: GitHub, thread: str) -> None:
    """Open the thread again."""
    github.mutate(UNRESOLVE, thread=thread)


def edit(github: GitHub, comment: str, body: str) -> None:
    """Give the thread's first comment another text; nobody is notified of it."""
    github.mutate(EDIT, comment=comment, body=body)


def _threads(github: GitHub, place: Place) -> Iterator[Thread]:
    owner, _, name = place.repository.partition("/")
    after: str | None = None
    while True:
        data = github.query(THREADS, owner=owner, name=name, number=place.number, after=after)
        page = data["repository"]["pullRequest"]["reviewThreads"]
        for node in page["nodes"]:
            first = next(iter(node["comments"]["nodes"]), None)
            mark = markers.finding_of(first["body"]) if first else None
            if first is None or mark is None or not first["viewerDidAuthor"]:
                continue
            # A bot is no User: GitHub names nobody then.
            by = (node["resolvedBy"] or {}).get("login")
            yield Thread(
                *mark,
                body=first["body"],
                resolved=node["isResolved"],
                by_person=by is not None and by != data["viewer"]["login"],
                outdated=node["isOutdated"],
                on_file=node["subjectType"] == "FILE",
                id=node["id"],
                comment=first["id"],
            )
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def _comments(github: GitHub, place: Place) -> list[Thread]:
    number = place.number or 0
    comments = github.read(
        lambda api: [
            (comment.body, comment.subject_type, comment.user)
            for comment in api.get_repo(place.repository).get_pull(number).get_review_comments()
        ]
    )
    login = github.login()
    return [
        Thread(*mark, body=body, on_file=subject == "file")
        for body, subject, user in comments
        if user and (user.login == login or (login is None and user.type == "Bot"))
        if (mark := markers.finding_of(body))
    ]
