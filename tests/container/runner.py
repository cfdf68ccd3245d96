"""A container action as GitHub's runner runs it: its folders, its network, its command line.

Source: github.com/actions/runner, src/Runner.Worker/Handlers/ContainerActionHandler.cs and
Container/DockerCommandManager.cs.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.container.engine import docker

OWNER = os.geteuid() or 1001  # the runner's user, which is 1001 on GitHub's own machines
ALIAS = "postgres"  # the name of the service in the workflow, and so its host name
PASSWORD = "only-a-service-container"
SERVER = os.environ.get("SERVICE_IMAGE") or "postgres:17"
_FILES = ("add_path", "save_state", "set_env", "set_output", "step_summary")
_HEALTHY_SECONDS = 60.0
_STEP_SECONDS = 240.0


@dataclass(frozen=True)
class Ended:
    """How the step ended, and what it left in the runner's files."""

    status: int
    stdout: str
    stderr: str
    outputs: dict[str, str]
    summary: str
    seconds: float


@dataclass(frozen=True)
class Job:
    """One job of a workflow: a network, the runner's folders, services where they were started."""

    folder: Path
    workspace: Path
    id: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def network(self) -> str:
        """The job's network, on which a service is reached by its alias."""
        return f"github_network_{self.id}"

    @property
    def container(self) -> str:
        """The name of the step's container."""
        return f"step_{self.id}"

    def begin(self) -> None:
        """Make the network and the folders that the runner mounts, which belong to its user."""
        docker("network", "create", "--label", self.id, self.network)
        self.folder.chmod(0o755)
        for name in ("home", "workflow", "file_commands", "temp"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        for name in _FILES:
            self.file(name).touch()
        hand_over(self.folder)
        hand_over(self.workspace)

    def end(self) -> None:
        """Remove containers and network."""
        for name in docker("ps", "-aq", "--filter", f"label={self.id}").split():
            docker("rm", "--force", "--volumes", name)
        docker("network", "rm", self.network)

    def file(self, name: str) -> Path:
        """One of the runner's file-command files."""
        return self.folder / "file_commands" / f"{name}_{self.id}"

    def start_service(self, settings: tuple[str, ...] = ()) -> str:
        """A PostgreSQL service container, healthy; its URL as the action reaches it."""
        name = f"service_{self.id}"
        health = ("--health-cmd", "pg_isready -U postgres", "--health-interval", "1s")
        docker(
            *("run", "--detach", "--name", name, "--label", self.id),
            *("--network", self.network, "--network-alias", ALIAS),
            *("--env", f"POSTGRES_PASSWORD={PASSWORD}", *health, "--health-retries", "30", SERVER),
        )
        self._wait_for(name)
        for setting in settings:
            self.ask_service(f"ALTER SYSTEM SET {setting}")
        if settings:
            docker("restart", name)
            self._wait_for(name)
        return f"postgresql://postgres:{PASSWORD}@{ALIAS}/postgres"

    def _wait_for(self, name: str) -> None:
        until = time.monotonic() + _HEALTHY_SECONDS
        while docker("inspect", "--format", "{{.State.Health.Status}}", name) != "healthy":
            assert time.monotonic() < until, docker("logs", name)
            time.sleep(0.2)

    def ask_service(self, query: str, database: str = "postgres") -> list[str]:
        """The rows of a query on the service, as its own psql prints them."""
        words = ("psql", "-U", "postgres", "-h", "localhost", "-d", database, "-Atc", query)
        password = ("--env", f"PGPASSWORD={PASSWORD}")
        return docker("exec", *password, f"service_{self.id}", *words).splitlines()

    def command(
        self, image: str, words: tuple[str, ...], environ: Mapping[str, str], *mounts: str
    ) -> list[str]:
        """The runner's ``docker run``, with the variables and mounts of a step."""
        known = {
            "HOME": "/github/home",
            "GITHUB_ACTIONS": "true",
            "CI": "true",
            "GITHUB_WORKSPACE": "/github/workspace",
            "GITHUB_EVENT_PATH": "/github/workflow/event.json",
            "GITHUB_RUN_ID": "30433642",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_SERVER_URL": "https://github.com",
            **{
                variable: f"/github/file_commands/{name}_{self.id}" for variable, name in _VARIABLES
            },
            "RUNNER_TEMP": "/github/runner_temp",
            "RUNNER_OS": "Linux",
            "ACTIONS_RUNTIME_TOKEN": "runtime-token-of-the-job",
            "ACTIONS_RESULTS_URL": "https://results.invalid/",
            **environ,
        }
        socket = os.environ.get("DOCKER_HOST", "").removeprefix("unix://") or "/var/run/docker.sock"
        volumes = (
            f"{socket}:/var/run/docker.sock",
            f"{self.folder / 'temp'}:/github/runner_temp",
            f"{self.folder / 'home'}:/github/home",
            f"{self.folder / 'workflow'}:/github/workflow",
            f"{self.folder / 'file_commands'}:/github/file_commands",
            f"{self.workspace}:/github/workspace",
            *mounts,
        )
        return [
            *("docker", "run", "--name", self.container, "--label", self.id),
            *("--workdir", "/github/workspace", "--rm"),
            *(part for name, value in known.items() for part in ("-e", f"{name}={value}")),
            *("--network", self.network),
            *(part for volume in volumes for part in ("-v", volume)),
            *(image, *words),
        ]

    def run(
        self, image: str, *words: str, environ: Mapping[str, str] | None = None, event: str = "{}"
    ) -> Ended:
        """Run the step to its end."""
        (self.folder / "workflow" / "event.json").write_text(event, "utf-8")
        for name in _FILES:
            self.file(name).write_text("")
        started = time.monotonic()
        done = subprocess.run(
            self.command(image, words, environ or {}),
            capture_output=True,
            text=True,
            timeout=_STEP_SECONDS,
            check=False,
        )
        return Ended(
            done.returncode,
            done.stdout,
            done.stderr,
            outputs(self.file("set_output").read_text("utf-8")),
            self.file("step_summary").read_text("utf-8"),
            time.monotonic() - started,
        )


_VARIABLES = (
    ("GITHUB_OUTPUT", "set_output"),
    ("GITHUB_ENV", "set_env"),
    ("GITHUB_PATH", "add_path"),
    ("GITHUB_STATE", "save_state"),
    ("GITHUB_STEP_SUMMARY", "step_summary"),
)


def outputs(text: str) -> dict[str, str]:
    """The outputs in a file-command file: ``name=value`` lines, or a delimiter and many lines."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, equals, value = line.partition("=")
        if "<<" in name or not equals:
            name, _, delimiter = line.partition("<<")
            value = "\n".join(iter(lambda: next(lines), delimiter))
        found[name] = value
    return found


def hand_over(folder: Path) -> None:
    """Give everything in the folder to the runner's user."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, OWNER, OWNER, follow_symlinks=False)


def owners(folder: Path) -> set[int]:
    """The users that own something in the folder."""
    return {path.lstat().st_uid for path in (folder, *folder.rglob("*"))}


def check_out(folder: Path, branch: str) -> None:
    """Put the checkout on another branch; it stays the runner's."""
    trusting = ("git", "-c", f"safe.directory={folder}")
    subprocess.run([*trusting, "checkout", "--quiet", branch], cwd=folder, check=True)
    hand_over(folder)
