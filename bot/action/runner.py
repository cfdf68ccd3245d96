"""The run of GitHub Actions that this process is part of, from its environment.

Reference: https://docs.github.com/actions/reference/workflows-and-actions/variables
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.event import BadPayload, Payload

_KEPT = frozenset({"GITHUB_SERVER_URL", "RUNNER_TOOL_CACHE"})
_PRIVATE = ("GITHUB_", "ACTIONS_", "INPUT_", "RUNNER_", "GH_")


@dataclass(frozen=True)
class Runner:
    """Where the job runs and for which event.

    ``repository`` is ``owner/name``, ``workflow`` the path of the workflow file in it ("" when not
    told), ``run_url`` the page of the run. ``output`` and ``summary`` are the files that the runner
    reads when the step ends, None outside of a runner.
    """

    event: str
    payload: Path | None
    workspace: Path
    repository: str
    sha: str
    api_url: str
    server_url: str
    run_url: str
    run_id: int
    workflow: str
    output: Path | None
    summary: Path | None

    def read_payload(self) -> Payload:
        """The event's payload.

        Raises:
            BadPayload: it cannot be read.
        """
        if self.payload is None:
            raise BadPayload(
                "GITHUB_EVENT_PATH is not set: `db-recheck action` is what a workflow runs;"
                " on your own machine use `db-recheck check`"
            )
        try:
            return Payload.parse(self.payload.read_bytes())
        except OSError as error:
            raise BadPayload(f"{self.payload} cannot be read: {error.strerror}") from None


def read_runner(environ: Mapping[str, str], cwd: Path) -> Runner:
    """The run that the environment describes."""
    server = (environ.get("GITHUB_SERVER_URL") or "https://github.com").rstrip("/")
    repository = environ.get("GITHUB_REPOSITORY", "")
    run_id = environ.get("GITHUB_RUN_ID", "")
    workflow = environ.get("GITHUB_WORKFLOW_REF", "").partition("@")[0]
    return Runner(
        event=environ.get("GITHUB_EVENT_NAME", ""),
        payload=_path(environ, "GITHUB_EVENT_PATH"),
        workspace=_path(environ, "GITHUB_WORKSPACE") or cwd,
        repository=repository,
        sha=environ.get("GITHUB_SHA", ""),
        api_url=(environ.get("GITHUB_API_URL") or "https://api.github.com").rstrip("/"),
        server_url=server,
        run_url=f"{server}/{repository}/actions/runs/{run_id}",
        run_id=int(run_id) if run_id.isascii() and run_id.isdigit() else 0,
        workflow=workflow.removeprefix(f"{repository}/"),
        output=_path(environ, "GITHUB_OUTPUT"),
        summary=_path(environ, "GITHUB_STEP_SUMMARY"),
    )


def _path(environ: Mapping[str, str], name: str) -> Path | None:
    return Path(environ[name]) if environ.get(name) else None


def without_secrets(environ: Mapping[str, str], token: str) -> dict[str, str]:
    """The environment for everything but GitHub: no token, and nothing that the runner put in.

    ACTIONS_RUNTIME_TOKEN, the address that signs OIDC tokens and the command files are among the
    latter.
    """
    return {
        name: value
        for name, value in environ.items()
        if (name in _KEPT or not name.startswith(_PRIVATE)) and not (token and token in value)
    }


def for_git(environ: Mapping[str, str], token: str) -> dict[str, str]:
    """The same for the part that fetches missing commits, which needs the token in one variable."""
    return {**without_secrets(environ, token), **({"GITHUB_TOKEN": token} if token else {})}
