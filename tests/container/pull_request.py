"""A pull request on the double, and its checkout as actions/checkout makes it."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fixtures.build import build_demo

if TYPE_CHECKING:
    from tests.github.double.state import Rights, World

NUMBER = 7
REPOSITORY = "acme/shop"
TOKEN = "ghs_CanaryThatMustNeverBeSeenAnywhere0123"
_WHO = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")


def git(folder: Path, *words: str) -> str:
    """What git answers."""
    done = subprocess.run(
        ["git", *_WHO, "-c", "safe.directory=*", *words],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@dataclass(frozen=True)
class PullRequest:
    """The shop's pull request: its two commits, and what the runner gets to see of it."""

    workspace: Path
    base: str
    head: str

    @staticmethod
    def make(folder: Path, *, touching: str = "") -> PullRequest:
        """Check out the merge commit that GitHub made, with all history.

        ``touching`` names a file that the pull request changes instead of adding the revisions.
        """
        origin = build_demo(folder / "origin")
        if touching:
            git(origin, "checkout", "--quiet", "-B", "feature", "main")
            (origin / touching).write_text("Nothing of the database.\n")
            git(origin, "add", "--all")
            git(origin, "commit", "--quiet", "--message", "Words")
        workspace = folder / "workspace"
        git(folder, "clone", "--quiet", "--no-local", str(origin), str(workspace))
        git(workspace, "checkout", "--quiet", "--detach", "origin/main")
        git(workspace, "merge", "--quiet", "--no-ff", "--no-edit", "origin/feature")
        base, head = (git(workspace, "rev-parse", f"origin/{name}") for name in ("main", "feature"))
        return PullRequest(workspace, base, head)

    def stand_on(self, world: World, rights: Rights) -> None:
        """Put it on the double, with the diff as GitHub shows it, and the job's token."""
        from tests.github.double.state import File, Pull

        changed = git(
            self.workspace,
            "diff",
            "--name-status",
            "--no-renames",
            "-z",
            f"{self.base}...{self.head}",
        )
        parts = iter(changed.split("\0")[:-1])
        files = []
        for letter, path in zip(parts, parts, strict=True):
            shown = git(self.workspace, "diff", f"{self.base}...{self.head}", "--", path)
            status = {"A": "added", "D": "removed"}.get(letter, "modified")
            patch = shown[shown.index("@@") :] if "@@" in shown else None
            files.append(File(path, patch, status))
        world.tokens[TOKEN] = rights
        world.pulls[NUMBER] = Pull(
            NUMBER,
            self.head,
            world.repository,
            files=files,
            head_ref="feature",
            base_sha=self.base,
            commits=[self.head],
        )

    def event(self) -> str:
        """The payload of ``pull_request``, as far as an action may rely on it."""
        repository = {"full_name": REPOSITORY, "default_branch": "main", "fork": False}
        pull = {
            "number": NUMBER,
            "state": "open",
            "draft": False,
            "head": {"ref": "feature", "sha": self.head, "repo": repository},
            "base": {"ref": "main", "sha": self.base, "repo": repository},
        }
        event = {
            "action": "synchronize",
            "number": NUMBER,
            "pull_request": pull,
            "repository": repository,
            "sender": {"login": "octocat"},
        }
        return json.dumps(event)

    def environ(self, api_url: str) -> dict[str, str]:
        """What the runner puts into the environment for this event."""
        return {
            "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_SHA": git(self.workspace, "rev-parse", "HEAD"),
            "GITHUB_REF": f"refs/pull/{NUMBER}/merge",
            "GITHUB_BASE_REF": "main",
            "GITHUB_HEAD_REF": "feature",
            "GITHUB_API_URL": api_url,
            "GITHUB_GRAPHQL_URL": f"{api_url}/graphql",
            "GITHUB_WORKFLOW_REF": f"{REPOSITORY}/.github/workflows/db-recheck.yml@refs/heads/main",
            "INPUT_TOKEN": TOKEN,
            "INPUT_MODE": "check",
            "INPUT_INSTALL": "never",
        }
