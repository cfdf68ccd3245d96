"""Workflow files run by act on this machine, before a GitHub of our own.

What needs GitHub's service is stood in for: artifacts and caches are folders, and the Action is
this source tree instead of its image (the container tests run that one).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.action.inputs import names
from bot.action.outputs import NAMES
from tests.github.conftest import TOKEN, _server, descriptions, double, must_run
from tests.github.double.server import Double
from tests.github.double.state import Pull, Rights, World
from tests.unit.action.conftest import Job, git, job

__all__ = ["Act", "_server", "descriptions", "double", "job"]

ROOT = Path(__file__).parents[2]
STAND_INS = Path(__file__).parent / "stand_ins"
ACTIONS = ("actions/upload-artifact@v4", "actions/download-artifact@v4", "actions/cache@v4")
HERE = "acme/shop"


@dataclass
class Act:
    """A repository of workflow files, and what their runs said.

    With an ``image`` jobs run in containers and the Action is that image, before no GitHub at all.
    """

    program: str
    job: Job
    world: World
    api_url: str
    image: str = ""
    jobs: dict[str, str] = field(default_factory=dict)
    log: str = ""

    @property
    def artifacts(self) -> Path:
        """Where artifacts and caches are kept."""
        return self.job.folder / "artifacts"

    def run(self, workflow: str, event: str, payload: dict[str, Any], text: str = "") -> None:
        """Run a workflow file (``text`` instead of its own) on what the workspace has checked out.

        ``jobs`` then says of every job how it ended, and ``log`` holds what all of them printed.
        """
        place = self.job.folder / "workflows" / workflow
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text or (ROOT / "docs" / "workflows" / workflow).read_text("utf-8"))
        self.artifacts.mkdir(exist_ok=True)
        told = self.job.folder / "event.json"
        repository = {"full_name": HERE, "default_branch": "main"}
        told.write_text(json.dumps({"repository": repository, **payload}))
        (self.job.folder / "act").mkdir(exist_ok=True)
        command = [self.program, event, "--workflows", str(place), "--eventpath", str(told)]
        command += ["--json", "--no-cache-server", *self._platform()]
        command += ["--action-cache-path", str(self.job.folder / "act")]
        command += ["--secret", f"GITHUB_TOKEN={TOKEN}"]
        for name, folder in self._local().items():
            command += ["--local-repository", f"{name}={folder}"]
        for name, value in self._variables().items():
            command += ["--env", f"{name}={value}"]
        kept = ("PATH", "DOCKER_HOST", "DOCKER_CONFIG")
        environ = {name: os.environ[name] for name in kept if name in os.environ}
        environ["HOME"] = str(self.job.folder)
        done = subprocess.run(
            command,
            cwd=self.job.workspace,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        self.log = done.stderr
        self.jobs = {}
        for line in done.stdout.splitlines():
            said = json.loads(line)
            self.log += f"{said.get('jobID', '')}: {said.get('msg', '').rstrip()}\n"
            if "jobResult" in said:
                self.jobs[said["jobID"]] = said["jobResult"]

    def pull_request(self, workflow: str, text: str = "") -> None:
        """Run it for the pull request."""
        request = {
            "number": 7,
            "base": {"ref": "main", "sha": self.job.base},
            "head": {"ref": "moods", "sha": self.job.head, "repo": {"full_name": HERE}},
        }
        payload = {"action": "opened", "pull_request": request}
        self.run(workflow, "pull_request", payload, text)

    def check_out(self, branch: str) -> str:
        """Check out a branch of origin as the pull request's head, and return its commit."""
        commit = self.job.commit({}, branch=branch)
        self.job.check_out(commit)
        self.world.pulls[7].head_sha = commit
        return commit

    def _platform(self) -> list[str]:
        if not self.image:
            return ["--platform", "ubuntu-latest=-self-hosted"]
        mount = f"--volume {self.artifacts}:{self.artifacts}"
        offline = ["--pull=false", "--action-offline-mode"]
        return ["--platform", "ubuntu-latest=act-runner", "--container-options", mount, *offline]

    def _variables(self) -> dict[str, str]:
        return {
            "GITHUB_API_URL": self.api_url,
            "GITHUB_REPOSITORY": HERE,
            "ARTIFACTS": str(self.artifacts),
            "PYTHONPATH": str(ROOT),
            "INPUT_INSTALL": "never",
        }

    def _local(self) -> dict[str, Path]:
        found = {name: STAND_INS / re.split("[/@]", name)[1] for name in ACTIONS}
        return {**found, "OWNER/db-recheck@v0": self._own()}

    def _own(self) -> Path:
        """The Action as act can run it without an image: the same inputs, outputs and command."""
        folder = self.job.folder / "own"
        folder.mkdir(exist_ok=True)
        inputs = {name: {"description": name, "default": ""} for name in names()}
        inputs["token"]["default"] = "" if self.image else "${{ github.token }}"
        inputs["facts"]["default"] = "db-recheck-facts/**/facts.json"
        step = {
            "id": "step",
            "run": f"{sys.executable} -m bot action",
            "shell": "bash",
            "env": {f"INPUT_{name.upper()}": f"${{{{ inputs.{name} }}}}" for name in inputs},
        }
        outputs = {
            name: {"description": name, "value": f"${{{{ steps.step.outputs.{name} }}}}"}
            for name in NAMES
        }
        source = {"using": "composite", "steps": [step]}
        image = {"using": "docker", "image": f"docker://{self.image}", "args": ["action"]}
        action = {
            "name": "db-recheck",
            "description": "the Action without its build",
            "inputs": inputs,
            "outputs": outputs,
            "runs": image if self.image else source,
        }
        (folder / "action.yml").write_text(json.dumps(action))  # which is YAML
        return folder


@pytest.fixture
def act(job: Job, double: Double) -> Act:
    """A runner of workflow files before the double, which has one pull request."""
    places = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    program = shutil.which("act", path=places)
    if program is None:
        if must_run():
            pytest.fail("act is not installed (and nothing may be skipped here)")
        pytest.skip("act is not installed: the workflow files were not run")
    world = double.world
    world.tokens[TOKEN] = Rights()
    world.pulls[7] = Pull(7, job.head, HERE, base_sha=job.base)
    world.roles = {"ada": "write"}
    git(job.workspace, "config", "user.name", "Ada")
    return Act(program, job, world, double.api_url)
