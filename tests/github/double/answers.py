"""The state as GitHub's JSON: its own published examples with our content laid over them."""

from __future__ import annotations

import copy
import json
from typing import Any

from tests.github.double.protocol import Protocol
from tests.github.double.state import (
    Account,
    CheckRun,
    Comment,
    File,
    LineComment,
    Pull,
    Review,
    Run,
    Status,
    World,
)

Json = dict[str, Any]
API = "https://api.github.com"
WEB = "https://github.com"


class Answers:
    """JSON of one world; ``base`` is the API's address and ``web`` that of its pages."""

    def __init__(self, world: World, protocol: Protocol, base: str, web: str) -> None:
        self.world = world
        self.protocol = protocol
        self.base = base
        self.web = web
        self._examples: dict[str, str] = {}

    def example(self, name: str) -> Any:
        """A fresh copy of an example, its addresses those of this server."""
        if name not in self._examples:
            text = json.dumps(copy.deepcopy(self.protocol.example(name)))
            self._examples[name] = text.replace(API, self.base).replace(WEB, self.web)
        return json.loads(self._examples[name])

    @property
    def api(self) -> str:
        """The repository's address in the API."""
        return f"{self.base}/repos/{self.world.repository}"

    @property
    def page(self) -> str:
        """The repository's page."""
        return f"{self.web}/{self.world.repository}"

    def user(self, account: Account) -> Json:
        """An account."""
        example = self.example("issue-comment")["user"]
        return {**example, "login": account.login, "type": account.kind}

    def comment(self, comment: Comment) -> Json:
        """A comment on the conversation."""
        return {
            **self.example("issue-comment"),
            "id": comment.id,
            "node_id": f"IC_{comment.id}",
            "url": f"{self.api}/issues/comments/{comment.id}",
            "html_url": f"{self.page}/pull/{comment.number}#issuecomment-{comment.id}",
            "issue_url": f"{self.api}/issues/{comment.number}",
            "body": comment.body,
            "user": self.user(comment.author),
        }

    def pull(self, pull: Pull, *, whole: bool) -> Json:
        """A pull request, ``whole`` or as it stands in a list."""
        held: Json = (
            self.example("pull-request") if whole else self.example("pull-request-simple-items")[0]
        )
        author = Account(pull.author, "User")
        owner, _, name = (pull.head_repository or "ghost/gone").partition("/")
        head, base = held["head"], held["base"]
        theirs = {**base["repo"], "name": name, "full_name": pull.head_repository}
        ours = {**base["repo"], "full_name": self.world.repository}
        return {
            **held,
            "number": pull.number,
            "url": f"{self.api}/pulls/{pull.number}",
            "html_url": f"{self.page}/pull/{pull.number}",
            "title": pull.title,
            "body": pull.body,
            "state": pull.state,
            "draft": pull.draft,
            "locked": pull.locked,
            "user": self.user(author),
            "labels": [{**held["labels"][0], "name": label} for label in pull.labels],
            "milestone": None,
            "head": {
                **head,
                "label": f"{owner}:{pull.head_ref}",
                "ref": pull.head_ref,
                "sha": pull.head_sha,
                "repo": theirs if pull.head_repository else None,
            },
            "base": {**base, "ref": pull.base_ref, "sha": pull.base_sha, "repo": ours},
        } | self._plain(held)

    def _plain(self, held: Json) -> Json:
        """What the examples leave out of accounts and teams that the schema demands."""
        empty: Json = {
            "assignee": None,
            "assignees": [],
            "requested_reviewers": [],
            "requested_teams": [],
        }
        return {key: value for key, value in empty.items() if key in held}

    def file(self, file: File) -> Json:
        """A file of a pull request."""
        held: Json = self.example("diff-entry-items")[0]
        held |= {"filename": file.path, "status": file.status, "patch": file.patch}
        if file.patch is None:
            del held["patch"]
        return held

    def review(self, review: Review) -> Json:
        """A review."""
        states = {
            "COMMENT": "COMMENTED",
            "APPROVE": "APPROVED",
            "REQUEST_CHANGES": "CHANGES_REQUESTED",
        }
        return {
            **self.example("pull-request-review"),
            "id": review.id,
            "body": review.body,
            "state": states[review.event],
            "commit_id": review.commit,
            "user": self.user(review.author),
        }

    def line_comment(self, comment: LineComment) -> Json:
        """A comment of a review."""
        return {
            **self.example("pull-request-review-comment-items")[0],
            "id": comment.id,
            "node_id": comment.node,
            "pull_request_review_id": comment.review,
            "path": comment.path,
            "commit_id": comment.commit,
            "line": comment.line or 1,
            "start_line": comment.start_line,
            "start_side": "RIGHT" if comment.start_line else None,
            "subject_type": comment.subject,
            "body": comment.body,
            "user": self.user(comment.author),
        }

    def status(self, status: Status) -> Json:
        """A commit status."""
        return {
            **self.example("status-items")[0],
            "id": status.id,
            "state": status.state,
            "description": status.description,
            "target_url": status.target_url,
            "context": status.context,
        }

    def check_run(self, check: CheckRun) -> Json:
        """A check run."""
        held: Json = self.example("check-run-example-of-completed-conclusion")
        return {
            **held,
            "id": check.id,
            "head_sha": check.sha,
            "name": check.name,
            "external_id": check.external_id,
            "conclusion": check.conclusion,
            "html_url": f"{self.page}/runs/{check.id}",
            "url": f"{self.api}/check-runs/{check.id}",
            "details_url": check.details_url,
            "output": {
                **held["output"],
                "title": check.title,
                "summary": check.summary,
                "annotations_count": len(check.annotations),
                "annotations_url": f"{self.api}/check-runs/{check.id}/annotations",
            },
        }

    def run(self, run: Run) -> Json:
        """A run of a workflow."""
        return {
            **self.example("workflow-run-paginated")["workflow_runs"][0],
            "id": run.id,
            "head_sha": run.head_sha,
            "event": run.event,
            "path": run.path,
            "status": run.status,
            "run_attempt": run.attempts,
            "html_url": f"{self.page}/actions/runs/{run.id}",
            "url": f"{self.api}/actions/runs/{run.id}",
        }
