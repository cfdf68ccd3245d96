"""A job of GitHub Actions on this machine: a real clone, real command files, no GitHub to reach."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.action.run import act
from bot.github import GitHub
from bot.progress import Progress
from fixtures.build import build_demo

NAME = "shop/shop"
_OUTPUT = re.compile(r"^(\S+)<<(\S+)\n(.*?)\n\2$", re.DOTALL | re.MULTILINE)
TOKEN = "ghs_0123456789secret"
RUNNERS_OWN = {
    "ACTIONS_RUNTIME_TOKEN": "runtime-secret",
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://oidc.example/",
    "RUNNER_TEMP": "/github/runner_temp",
    "GITHUB_ENV": "/github/file_commands/set_env",
    "MINE": f"has {TOKEN} inside",
}


def git(folder: Path, *words: str) -> str:
    """What git answers, with nothing of the machine's configuration."""
    environ = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": "/dev/null", "HOME": str(folder)}
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    done = subprocess.run(
        ["git", *who, *words], cwd=folder, env=environ, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@dataclass
class Job:
    """One step: its files and what it left behind."""

    folder: Path
    origin: Path
    workspace: Path
    base: str
    head: str
    repository: str = NAME
    api_url: str = "http://127.0.0.1:9"
    environ: dict[str, str] = field(default_factory=dict)
    log: str = ""

    def commit(self, files: dict[str, str], branch: str = "feature") -> str:
        """Commit files to a branch of origin, a new one of main's, and return the commit's id."""
        if branch not in git(self.origin, "branch", "--format=%(refname:short)").split():
            git(self.origin, "branch", branch, "main")
        git(self.origin, "checkout", "--quiet", branch)
        for name, text in files.items():
            (self.origin / name).parent.mkdir(parents=True, exist_ok=True)
            (self.origin / name).write_text(text)
        git(self.origin, "add", "--all")
        git(self.origin, "commit", "--quiet", "--allow-empty", "--message", "more")
        return git(self.origin, "rev-parse", "HEAD")

    def check_out(self, commit: str) -> None:
        """What actions/checkout leaves: one commit without history, and no other branch."""
        git(self.workspace, "fetch", "--quiet", "--depth=1", "origin", commit)
        git(self.workspace, "checkout", "--quiet", "--detach", commit)
        self.head = commit

    def run(self, event: str, payload: dict[str, Any], **inputs: str) -> int:
        """Run the step and return its exit status; errors that it raises are raised."""
        (self.folder / "event.json").write_text(
            json.dumps(
                {"repository": {"full_name": self.repository, "default_branch": "main"}, **payload}
            )
        )
        for name in ("output", "summary"):
            (self.folder / name).write_text("")
        given = {f"INPUT_{name.upper().replace('_', '-')}": text for name, text in inputs.items()}
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_REPOSITORY": self.repository,
            "GITHUB_SHA": self.head,
            "GITHUB_RUN_ID": "5",
            "GITHUB_API_URL": self.api_url,
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            **RUNNERS_OWN,
            "INPUT_INSTALL": "never",
            **given,
        }
        stdout, stderr = io.StringIO(), io.StringIO()
        try:
            return act(
                self.environ,
                self.workspace,
                stdout,
                Progress(stderr, quiet=False),
                self.folder / "packages",
                partial(GitHub, sleep=lambda _: None),
            )
        finally:
            self.log = stdout.getvalue() + stderr.getvalue()

    def without_event(self) -> int:
        """Run it outside of a workflow."""
        environ = {"PATH": os.environ["PATH"]}
        quiet = Progress(io.StringIO(), quiet=True)
        return act(environ, self.workspace, io.StringIO(), quiet, self.folder, GitHub)

    def pull_request(self, **inputs: str) -> int:
        """Run it for a pull request from ``head``."""
        request = {
            "number": 7,
            "base": {"ref": "main", "sha": self.base},
            "head": {"sha": self.head, "repo": {"full_name": self.repository}},
        }
        return self.run("pull_request", {"action": "opened", "pull_request": request}, **inputs)

    @property
    def outputs(self) -> dict[str, str]:
        """The step's outputs, read as the runner does."""
        text = (self.folder / "output").read_text()
        return {name: value for name, _, value in _OUTPUT.findall(text)}

    @property
    def summary(self) -> str:
        """The job summary."""
        return (self.folder / "summary").read_text()


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A job on the shop's pull request: a shallow clone that has head alone."""
    origin = build_demo(tmp_path / "origin")
    git(origin, "config", "uploadpack.allowAnySHA1InWant", "true")
    base, head = (git(origin, "rev-parse", name) for name in ("main", "feature"))
    workspace = tmp_path / "workspace"
    git(tmp_path, "init", "--quiet", str(workspace))
    git(workspace, "remote", "add", "origin", f"file://{origin}")
    made = Job(tmp_path, origin, workspace, base, head)
    made.check_out(head)
    return made
