"""What the base branch states as it is now: the settings, and the team's own policies."""

from __future__ import annotations

from bot.action.job import Job
from bot.base_settings import base_settings
from bot.changes import GitError
from bot.custom.listed import Listed, listed
from bot.github import NotKnown
from bot.github.ask import pull_request
from bot.settings import Settings, SettingsError


def settings_of_base(job: Job, base: str) -> Settings:
    """The settings of the base branch: never those of the head, whatever base says.

    Raises:
        GitError: the commit cannot be had.
        SettingsError: the configuration is wrong.
    """
    wanted = job.inputs.base or base
    settings, _ = base_settings(
        job.workspace.root, wanted, job.stated(), job.git_environ, job.temporary
    )
    return settings


def own_policies(job: Job, number: int) -> Listed:
    """The team's own policies on the base branch of that pull request; nothing of them is run."""
    pull = pull_request(job.github, job.runner.repository, number)
    if isinstance(pull, NotKnown):
        return Listed(unknown=f"GitHub does not tell the base branch ({pull.why})")
    try:
        settings = settings_of_base(job, f"origin/{pull.base_ref}")
    except (GitError, SettingsError) as error:
        return Listed(base=pull.base_ref, unknown=str(error))
    return listed(settings, pull.base_ref)
