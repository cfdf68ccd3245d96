"""The conversation of a pull request in REST: comments, reactions, reviews, with their limits."""

from __future__ import annotations

from typing import Any

from tests.github.double.answers import Json
from tests.github.double.rest import ROUTES, Call, Refusal, route
from tests.github.double.state import Comment, LineComment, Pull, Review

__all__ = ["ROUTES"]  # with those below

BODY = 65_536  # characters of a comment


def _text(body: str) -> str:
    if len(body) > BODY:
        wrong = {
            "resource": "IssueComment",
            "code": "custom",
            "field": "body",
            "message": f"body is too long (maximum is {BODY} characters)",
        }
        raise Refusal(422, "Validation Failed", [wrong])
    return body


@route("GET", "/issues/{issue_number}/comments")
def _get_comments(call: Call) -> tuple[int, Any]:
    number = call.pull.number
    found = [item for item in call.world.comments.values() if item.number == number]
    return 200, [call.answers.comment(item) for item in sorted(found, key=lambda x: x.id)]


@route("POST", "/issues/{issue_number}/comments", "issues", "pull_requests")
def _create_comment(call: Call) -> tuple[int, Any]:
    if call.pull.locked:
        raise Refusal(403, "Unable to create comment because issue is locked.")
    identity = next(call.world.ids)
    body = _text(call.body["body"])
    comment = Comment(identity, call.pull.number, body, call.rights.account)
    call.world.comments[identity] = comment
    return 201, call.answers.comment(comment)


def _comment(call: Call) -> Comment:
    comment = call.world.comments.get(int(call.path["comment_id"]))
    if comment is None:
        raise Refusal(404, "Not Found")
    return comment


@route("PATCH", "/issues/comments/{comment_id}", "issues", "pull_requests")
def _edit_comment(call: Call) -> tuple[int, Any]:
    comment = _comment(call)
    comment.body = _text(call.body["body"])
    comment.edits += 1
    return 200, call.answers.comment(comment)


@route("DELETE", "/issues/comments/{comment_id}", "issues", "pull_requests")
def _delete_comment(call: Call) -> tuple[int, Any]:
    del call.world.comments[_comment(call).id]
    return 204, None


@route("POST", "/issues/comments/{comment_id}/reactions", "issues", "pull_requests")
def _react(call: Call) -> tuple[int, Any]:
    comment, mine = _comment(call), (call.rights.account.login, call.body["content"])
    known = mine in comment.reactions
    if not known:
        comment.reactions.append(mine)
    reaction = {**call.answers.example("reaction"), "content": call.body["content"]}
    return 200 if known else 201, reaction


@route("GET", "/pulls/{pull_number}/reviews")
def _get_reviews(call: Call) -> tuple[int, Any]:
    found = [item for item in call.world.reviews.values() if item.number == call.pull.number]
    return 200, [call.answers.review(item) for item in found]


@route("POST", "/pulls/{pull_number}/reviews", "pull_requests")
def _create_review(call: Call) -> tuple[int, Any]:
    comments = call.body.get("comments", [])
    if call.body.get("event") in {"COMMENT", "REQUEST_CHANGES"} and not call.body.get("body"):
        raise Refusal(422, "Unprocessable Entity", ["Body can't be blank"])
    for comment in comments:
        wrong = _off_diff(call.pull, comment)
        if wrong:  # the whole review is lost
            raise Refusal(422, "Unprocessable Entity", [wrong])
    for text in (call.body.get("body", ""), *(comment["body"] for comment in comments)):
        if len(text) > BODY:
            raise Refusal(422, "Unprocessable Entity", ["Body is too long"])
    review = _review(call, call.body.get("body", ""), call.body.get("event", "PENDING"))
    for comment in comments:
        _line_comment(call, review, comment)
    return 200, call.answers.review(review)


@route("GET", "/pulls/{pull_number}/comments")
def _get_line_comments(call: Call) -> tuple[int, Any]:
    found = [c for c in call.world.line_comments.values() if c.number == call.pull.number]
    return 200, [call.answers.line_comment(item) for item in found]


@route("POST", "/pulls/{pull_number}/comments", "pull_requests")
def _create_line_comment(call: Call) -> tuple[int, Any]:
    wrong = _off_diff(call.pull, call.body)
    if wrong:
        error = {"resource": "PullRequestReviewComment", "code": "custom", "message": wrong}
        raise Refusal(422, "Validation Failed", [error])
    comment = _line_comment(call, _review(call, "", "COMMENT"), call.body)
    return 201, call.answers.line_comment(comment)


def _review(call: Call, body: str, event: str) -> Review:
    pull, commit = call.pull, call.body.get("commit_id", call.pull.head_sha)
    if pull.locked:
        raise Refusal(403, "Unable to create comment because issue is locked.")
    if commit != pull.head_sha and commit not in pull.commits:
        raise Refusal(422, "Unprocessable Entity", ["Commit is not part of the pull request"])
    identity = next(call.world.ids)
    review = Review(identity, pull.number, body, event, call.rights.account, commit)
    call.world.reviews[identity] = review
    return review


def _line_comment(call: Call, review: Review, given: Json) -> LineComment:
    identity = next(call.world.ids)
    comment = LineComment(
        identity,
        review.id,
        call.pull.number,
        _text(given["body"]),
        call.rights.account,
        given["path"],
        review.commit,
        given.get("line"),
        given.get("start_line"),
        given.get("subject_type", "line"),
    )
    call.world.line_comments[identity] = comment
    return comment


def _off_diff(pull: Pull, given: Json) -> str | None:
    """GitHub's words against a comment that its diff has no place for."""
    file = next((file for file in pull.files if file.path == given["path"]), None)
    if file is None:
        return "Path could not be resolved"
    if given.get("subject_type") == "file":
        return None
    shown = [hunk for hunk in _hunks(file.patch or "") if given.get("line") in hunk]
    if not shown:
        return "pull_request_review_thread.line must be part of the diff"
    start = given.get("start_line")
    if start is not None and (start not in shown[0] or start >= given["line"]):
        return "pull_request_review_thread.start_line must be part of the same hunk as the line."
    return None


def _hunks(patch: str) -> list[set[int]]:
    """The head's lines of each hunk, counted line by line."""
    found: list[set[int]] = []
    number = 0
    for line in patch.split("\n"):
        if line.startswith("@@"):
            number = int(line.split("+")[1].split(" ")[0].split(",")[0])
            found.append(set())
        elif line[:1] in {" ", "+"} and found:
            found[-1].add(number)
            number += 1
    return found
