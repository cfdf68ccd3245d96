"""One step of a workflow: all that its modes need, with the effects passed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from bot.action.inputs import Inputs
from bot.action.outputs import Outputs
from bot.action.runner import Runner
from bot.action.workspace import Workspace
from bot.github import GitHub, Place
from bot.subject import Progress
from bot.wording import inert

if TYPE_CHECKING:
    from bot.configuration import Stated
    from bot.custom.files import RunOwn
    from bot.settings import Settings

Connect = Callable[[str, str], GitHub]
"""A connection for a token and an API's URL."""


@dataclass(frozen=True)
class Job:
    """The step.

    ``environ`` is the environment for everything but GitHub: without the token and without what
    the runner put in. ``git_environ`` is the same with the token, for the process that fetches
    missing commits. ``temporary`` and ``packages`` are those of ``bot.subject.Order``.
    """

    inputs: Inputs
    runner: Runner
    workspace: Workspace
    outputs: Outputs
    github: GitHub
    environ: Mapping[str, str] = field(repr=False)
    git_environ: Mapping[str, str] = field(repr=False)
    temporary: Path
    packages: Path
    stdout: TextIO
    progress: Progress

    def say(self, text: str) -> None:
        """Write to the log, where no line of it commands the runner."""
        self.stdout.write(inert(text if text.endswith("\n") else f"{text}\n"))
        self.stdout.flush()

    def place(self, head: str, number: int | None) -> Place:
        """Where on GitHub to speak about that head."""
        runner = self.runner
        return Place(
            api_url=runner.api_url,
            server_url=runner.server_url,
            repository=runner.repository,
            number=number,
            head_sha=head,
            run_url=runner.run_url,
        )

    def run_own(self, settings: Settings) -> RunOwn | None:
        """What runs the team's own policies; None where there are none."""
        if not settings.own_files:
            return None
        from bot.observe.own import sandboxed

        return sandboxed(self.temporary, self.environ)

    def stated(self) -> Stated:
        """What the workflow says of the settings."""
        from bot.configuration import Stated

        config = Path(self.inputs.config) if self.inputs.config else None
        cache = str(self.workspace.path(self.inputs.cache_dir)) if self.inputs.cache_dir else None
        return Stated(
            config,
            {"cache": cache},
            self.environ,
            self.inputs.settings,
            config_of_base=True,
        )


def skip(job: Job, reason: str) -> int:
    """End without a verdict on anything: the sentence goes where a reader looks."""
    job.say(reason)
    job.outputs.summarise(f"### db-recheck\n\n{reason}\n")
    job.outputs.set("verdict", "skip")
    job.outputs.set("findings", "0")
    return 0
