"""The story of one step: which event, which mode, and what is done about it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

from bot.action.check import check, observe
from bot.action.comment import answer
from bot.action.errors import ActionError
from bot.action.inputs import Mode, read_inputs
from bot.action.job import Connect, Job, skip
from bot.action.moved import base_moved
from bot.action.outputs import Outputs
from bot.action.plan import plan
from bot.action.report import report
from bot.action.runner import for_git, read_runner, without_secrets
from bot.action.workspace import Workspace, WorkspaceError
from bot.event import Asked, BadPayload, Event, Finished, Nothing, Refused, Review, Warm, read_event
from bot.subject import Progress
from bot.wording import inert


def act(
    environ: Mapping[str, str],
    cwd: Path,
    stdout: TextIO,
    progress: Progress,
    packages: Path,
    connect: Connect,
) -> int:
    """Carry out the step that the environment describes and return its exit status.

    Raises:
        ActionError: the workflow asks for what cannot be done.
        SettingsError: an input or the configuration is wrong.
        GitError: the commits cannot be had.
        NoAlembic: there is nothing of Alembic in the repository.
        BadFacts: a facts file is none.
    """
    runner = read_runner(environ, cwd)
    outputs = Outputs(runner.output, runner.summary)
    try:
        inputs = read_inputs(environ)
        job = Job(
            inputs=inputs,
            runner=runner,
            workspace=Workspace(runner.workspace),
            outputs=outputs,
            github=connect(inputs.token, runner.api_url),
            environ=without_secrets(environ, inputs.token),
            git_environ=for_git(environ, inputs.token),
            temporary=Path(environ.get("TMPDIR") or tempfile.gettempdir()),
            packages=packages,
            stdout=stdout,
            progress=progress,
        )
        event = read_event(runner.event, runner.read_payload(), runner.sha)
        return _answer(job, event)
    except (BadPayload, WorkspaceError) as error:
        _tell(outputs, stdout, error)
        raise ActionError(str(error)) from None
    except Exception as error:
        _tell(outputs, stdout, error)
        raise


def _answer(job: Job, event: Event) -> int:
    if isinstance(event, Refused):
        raise ActionError(event.reason)
    if isinstance(event, Nothing):
        return skip(job, event.reason)
    does = _DOES.get((job.inputs.mode, type(event)))
    if does is not None:
        return does(job, event)
    return skip(job, f"Nothing to do: {_unfit(job.inputs.mode, event)}")


_DOES: dict[tuple[Mode, type[Event]], Callable[[Job, Any], int]] = {
    (Mode.CHECK, Review): check,
    (Mode.CHECK, Asked): answer,
    (Mode.CHECK, Warm): base_moved,
    (Mode.OBSERVE, Review): observe,
    (Mode.PLAN, Review): plan,
    (Mode.REPORT, Review): report,
    (Mode.REPORT, Finished): report,
}


def _unfit(mode: Mode, event: Event) -> str:
    """Why this mode has nothing to do on this event, as the rest of a sentence."""
    if isinstance(event, Finished):
        return (
            f"`mode: {mode.value}` does not answer `workflow_run`: its job may write, and must not"
            " run the code of a pull request. Use `mode: report`."
        )
    what = "a comment" if isinstance(event, Asked) else "a push"
    return f"`mode: {mode.value}` does not answer {what}; `mode: check` does."


def _tell(outputs: Outputs, stdout: TextIO, error: Exception) -> None:
    """Say on the run's page that nothing was checked, and why."""
    from bot.wording import prose

    why = f"{type(error).__name__}: {error}"
    why = str(error) if type(error).__module__.startswith("bot.") else why
    outputs.set("verdict", "error")
    outputs.set("findings", "0")
    outputs.summarise(f"### ⚠️ db-recheck: nothing was checked\n\n{prose(why, 4000)}\n")
    line = inert(" ".join(why.split())).replace("%", "%25")
    stdout.write(f"::error title=db-recheck%3A nothing was checked::{line}\n")
