"""REST operations, what they need, and those on pull requests, commits and runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.github.double.answers import Answers, Json
from tests.github.double.state import CheckRun, Pull, Rights, Status, World

REPO = "/repos/{owner}/{repo}"
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
    account = {**held["user"], "login": user, "role_name": role}
    return 200, {**held, "permission": told, "role_name": role, "user": account}


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
