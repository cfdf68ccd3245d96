"""The GraphQL side: queries run on GitHub's whole schema, which the answers are held to as well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from graphql import GraphQLError, graphql_sync

from tests.github.double.descriptions import graphql_schema
from tests.github.double.state import LineComment, Pull, Rights, World

T = TypeVar("T")
Json = dict[str, Any]


class NotAsDescribed(Exception):
    """The schema does not allow this query or its variables."""


def execute(world: World, rights: Rights, asked: Json) -> Json:
    """GitHub's answer to a query.

    Raises:
        NotAsDescribed: the query is not one of GitHub's schema.
    """
    root = _root(world, rights)
    result = graphql_sync(
        graphql_schema(), asked["query"], root, variable_values=asked.get("variables")
    )
    answer: Json = {"data": result.data}
    if result.errors:
        if any("type" not in (error.extensions or {}) for error in result.errors):
            raise NotAsDescribed("; ".join(error.message for error in result.errors)[:400])
        answer["errors"] = [
            {"type": (error.extensions or {})["type"], "message": error.message, "path": error.path}
            for error in result.errors
        ]
    return answer


def _root(world: World, rights: Rights) -> Json:
    def repository(_: object, owner: str, name: str, **__: object) -> Json:
        if f"{owner}/{name}".lower() != world.repository.lower():
            raise _refused("NOT_FOUND", f"Could not resolve to a Repository '{owner}/{name}'.")
        return {
            "defaultBranchRef": {"name": world.default_branch},
            "pullRequest": lambda _, number: _pull(world, rights, number),
            "pullRequests": lambda _, **asked: _pulls(world, **asked),
            "issueOrPullRequest": lambda _, number: _issue_or_pull(world, rights, number),
            "object": lambda _, expression, **__: _blob(world, expression),
        }

    def change(act: Callable[[Json], Json]) -> Callable[..., Json]:
        def changing(_: object, **asked: Json) -> Json:
            if rights.pull_requests != "write":
                raise _refused("FORBIDDEN", "Resource not accessible by integration")
            return act(asked["input"])

        return changing

    def resolve(given: Json, *, to: bool) -> Json:
        if not rights.resolves_threads:
            raise _refused("FORBIDDEN", "Resource not accessible by integration")
        comment = _known(world, given["threadId"])
        comment.resolved_by = rights.account if to else None
        return {"thread": _thread(comment, rights)}

    def edit(given: Json) -> Json:
        comment = _known(world, given["pullRequestReviewCommentId"])
        comment.body = given["body"]
        comment.edits += 1
        return {"pullRequestReviewComment": {"id": comment.node}}

    return {
        "viewer": {"login": rights.account.login},
        "repository": repository,
        "resolveReviewThread": change(lambda given: resolve(given, to=True)),
        "unresolveReviewThread": change(lambda given: resolve(given, to=False)),
        "updatePullRequestReviewComment": change(edit),
    }


def _refused(kind: str, message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"type": kind})


def _known(world: World, node: str) -> LineComment:
    for comment in world.line_comments.values():
        if node in {comment.node, comment.thread}:
            return comment
    raise _refused("NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'")


def _pull(world: World, rights: Rights, number: int) -> Json:
    if number not in world.pulls:
        raise _refused("NOT_FOUND", f"Could not resolve to a PullRequest with the number {number}.")
    comments = [c for c in world.line_comments.values() if c.number == number]

    def threads(_: object, first: int, after: str | None = None, **__: object) -> Json:
        return _page([_thread(comment, rights) for comment in comments], first, after)

    pull = world.pulls[number]

    def closes(_: object, first: int, **__: object) -> Json:
        if rights.issues == "none":
            raise _refused("FORBIDDEN", "Resource not accessible by integration")
        found = [{**_issue(world, each), "repository": _here(world)} for each in pull.closes]
        return _page(found, first, None)

    return {
        "reviewThreads": threads,
        "title": pull.title,
        "body": pull.body or "",
        "isDraft": pull.draft,
        "headRefName": pull.head_ref,
        "baseRefName": pull.base_ref,
        "author": {"__typename": "User", "login": pull.author} if pull.author else None,
        "labels": lambda _, first, **__: _page(
            [{"name": label} for label in pull.labels], first, None
        ),
        "commits": lambda _, first, **__: _page(
            [_commit(text) for text in pull.messages], first, None
        ),
        "closingIssuesReferences": closes,
    }


def _here(world: World) -> Json:
    return {"nameWithOwner": world.repository}


def _commit(message: str) -> Json:
    return {"commit": {"oid": f"{abs(hash(message)):040x}"[:40], "message": message}}


def _issue(world: World, number: int) -> Json:
    return {"__typename": "Issue", "number": number, "state": world.issues[number]}


def _issue_or_pull(world: World, rights: Rights, number: int) -> Json:
    if number in world.pulls:
        return {"__typename": "PullRequest", "number": number}
    if rights.issues == "none":
        raise _refused("FORBIDDEN", "Resource not accessible by integration")
    if number not in world.issues:
        raise _refused("NOT_FOUND", f"Could not resolve to an issue or pull request with {number}.")
    return _issue(world, number)


def _blob(world: World, expression: str) -> Json | None:
    sha, _, path = expression.partition(":")
    for pull in world.pulls.values():
        for file in pull.files:
            if (pull.head_sha, file.path) == (sha, path) and file.text is not None:
                return {"__typename": "Blob", "text": file.text, "isTruncated": False}
    return None


def _thread(comment: LineComment, rights: Rights) -> Json:
    by = comment.resolved_by
    first = {
        "id": comment.node,
        "body": comment.body,
        "viewerDidAuthor": comment.author == rights.account,
    }
    return {
        "id": comment.thread,
        "isResolved": by is not None,
        "isOutdated": comment.outdated,
        "subjectType": comment.subject.upper(),
        # The field's type is User: a bot is none, and GitHub names nobody.
        "resolvedBy": {"login": by.login} if by and by.kind == "User" else None,
        "comments": lambda _, **__: {"nodes": [first]},
    }


def _pulls(world: World, **asked: Any) -> Json:
    found = [
        _listed(pull)
        for pull in world.pulls.values()
        if pull.state.upper() in asked["states"] and pull.base_ref == asked["baseRefName"]
    ]
    return _page(found, asked["first"], asked.get("after"))


def _listed(pull: Pull) -> Json:
    paths = [{"path": file.path, "changeType": file.status.upper()} for file in pull.files]
    return {
        "number": pull.number,
        "title": pull.title,
        "headRefName": pull.head_ref,
        "headRefOid": pull.head_sha,
        "isCrossRepository": pull.head_repository != "acme/shop",
        "files": lambda _, first, **__: _page(paths, first, None),
    }


def _page(items: Sequence[T], first: int, after: str | None) -> Json:
    start = int(after or 0)
    end = start + min(first, 100)
    more = end < len(items)
    return {
        "nodes": list(items[start:end]),
        "pageInfo": {"hasNextPage": more, "endCursor": str(end) if more else None},
    }
