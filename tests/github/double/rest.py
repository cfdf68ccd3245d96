"""The REST operations that are used, with GitHub's limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.github.double.answers import Answers, Json
from tests.github.double.state import (
    CheckRun,
    Comment,
    LineComment,
    Pull,
    Review,
    Rights,
    Status,
    World,
)

REPO = "/repos/{owner}/{repo}"
BODY = 65_536  # characters of a comment
PER_PAGE = 100
FILES = 3_000
ANNOTATIONS = 50
DESCRIPTION = 140


class Refusal(Exception):
    """An answer of another kind than the asked one."""

    def __init__(self, status: int, message: str, errors: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.content: Json = {
            "message": message,
            "documentation_url": "https://docs.github.com/rest",
        }
        if errors:
            self.content["errors"] = list(errors)


@dataclass(frozen=True)
class Call:
    """A request as an operation sees it."""

    world: World
    answers: Answers
    rights: Rights
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Json = field(default_factory=dict)

    @property
    def pull(self) -> Pull:
        """The pull request that the path names."""
        number = self.path.get("pull_number") or self.path.get("issue_number") or ""
        pull = self.world.pulls.get(int(number))
        if pull is None:
            raise Refusal(404, "Not Found")
        return pull


Operation = Callable[[Call], tuple[int, Any]]
ROUTES: dict[tuple[str, str], tuple[Operation, tuple[str, ...]]] = {}


def route(method: str, path: str, *scopes: str) -> Callable[[Operation], Operation]:
    """Register an operation; a writing one needs ``write`` on one of those permissions."""

    def register(operation: Operation) -> Operation:
        ROUTES[method, REPO + path] = (operation, scopes)
        return operation

    return register


def find(method: str, path: str) -> tuple[str, Mapping[str, str]] | None:
    """The described path that this one is an instance of, and its parts."""
    for known, described in ROUTES:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(described))
        match = re.fullmatch(pattern, path)
        if known == method and match:
            return described, match.groupdict()
    return None


def perform(method: str, described: str, call: Call) -> tuple[int, Any]:
    """Do what the request asks, if this token may."""
    operation, scopes = ROUTES[method, described]
    asked = f"{call.path['owner']}/{call.path['repo']}"
    if asked.lower() != call.world.repository.lower():
        raise Refusal(404, "Not Found")
    if method != "GET" and not any(getattr(call.rights, scope) == "write" for scope in scopes):
        raise Refusal(403, "Resource not accessible by integration")
    return operation(call)


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


@route("GET", "/pulls/{pull_number}")
def _get_pull(call: Call) -> tuple[int, Any]:
    return 200, call.answers.pull(call.pull, whole=True)


@route("GET", "/pulls")
def _get_pulls(call: Call) -> tuple[int, Any]:
    state, head = call.query.get("state", "open"), call.query.get("head")
    found = [
        pull
        for pull in call.world.pulls.values()
        if state in {"all", pull.state}
        if head is None
        or head == f"{(pull.head_repository or 'ghost').partition('/')[0]}:{pull.head_ref}"
    ]
    return 200, [call.answers.pull(pull, whole=False) for pull in found]


@route("GET", "/commits/{commit_sha}/pulls")
def _get_pulls_of_commit(call: Call) -> tuple[int, Any]:
    sha = call.path["commit_sha"]
    pulls = [p for p in call.world.pulls.values() if sha == p.head_sha or sha in p.commits]
    return 200, [call.answers.pull(pull, whole=False) for pull in pulls]


@route("GET", "/pulls/{pull_number}/files")
def _get_files(call: Call) -> tuple[int, Any]:
    return 200, [call.answers.file(file) for file in call.pull.files[:FILES]]


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
    review = _review(call, _text(call.body.get("body", "")), call.body.get("event", "PENDING"))
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


@route("GET", "/collaborators/{username}/permission")
def _get_permission(call: Call) -> tuple[int, Any]:
    user = call.path["username"]
    if user not in call.world.roles:
        raise Refusal(404, f"{user} is not a user")
    role = call.world.roles[user]
    told = {"maintain": "write", "triage": "read"}.get(role, role)
    held = call.answers.example(
        "repository-collaborator-permission-response-if-user-has-admin-permissions"
    )
    return 200, {**held, "permission": told, "role_name": role}


@route("GET", "/commits/{ref}/statuses")
def _get_statuses(call: Call) -> tuple[int, Any]:
    found = [item for item in call.world.statuses if item.sha == call.path["ref"]]
    return 200, [call.answers.status(item) for item in reversed(found)]


@route("POST", "/statuses/{sha}", "statuses")
def _create_status(call: Call) -> tuple[int, Any]:
    given = call.body
    if len(given.get("description") or "") > DESCRIPTION:
        error = {"resource": "Status", "code": "custom", "field": "description"}
        raise Refusal(422, "Validation Failed", [error])
    status = Status(
        next(call.world.ids),
        call.path["sha"],
        given["state"],
        given.get("description"),
        given.get("context", "default"),
        given.get("target_url"),
    )
    call.world.statuses.append(status)
    return 201, call.answers.status(status)


@route("GET", "/commits/{ref}/check-runs")
def _get_check_runs(call: Call) -> tuple[int, Any]:
    name = call.query.get("check_name")
    runs = [c for c in call.world.check_runs.values() if c.sha == call.path["ref"]]
    found = [call.answers.check_run(c) for c in reversed(runs) if name in {None, c.name}]
    return 200, {"total_count": len(found), "check_runs": found[:1]}


def _annotations(call: Call) -> list[dict[str, object]]:
    given: list[dict[str, object]] = call.body.get("output", {}).get("annotations", [])
    if len(given) > ANNOTATIONS:
        raise Refusal(422, f"Invalid request.\n\nNo more than {ANNOTATIONS} items are allowed")
    return given


@route("POST", "/check-runs", "checks")
def _create_check_run(call: Call) -> tuple[int, Any]:
    given = call.body
    check = CheckRun(
        next(call.world.ids),
        given["head_sha"],
        given["name"],
        given["external_id"],
        given["conclusion"],
        given["details_url"],
        given["output"]["title"],
        given["output"]["summary"],
        list(_annotations(call)),
    )
    call.world.check_runs[check.id] = check
    return 201, call.answers.check_run(check)


@route("PATCH", "/check-runs/{check_run_id}", "checks")
def _edit_check_run(call: Call) -> tuple[int, Any]:
    check = call.world.check_runs.get(int(call.path["check_run_id"]))
    if check is None:
        raise Refusal(404, "Not Found")
    check.annotations += _annotations(call)  # they are added, never replaced
    return 200, call.answers.check_run(check)


@route("GET", "/actions/runs")
def _get_runs(call: Call) -> tuple[int, Any]:
    found = [
        call.answers.run(run)
        for run in call.world.runs.values()
        if call.query.get("head_sha") in {None, run.head_sha}
        if call.query.get("event") in {None, run.event}
    ]
    return 200, {"total_count": len(found), "workflow_runs": found}


@route("POST", "/actions/runs/{run_id}/rerun", "actions")
def _rerun(call: Call) -> tuple[int, Any]:
    run = call.world.runs.get(int(call.path["run_id"]))
    if run is None:
        raise Refusal(404, "Not Found")
    if run.status != "completed":
        raise Refusal(403, "This workflow is already running")
    run.attempts, run.status = run.attempts + 1, "queued"
    return 201, {}
