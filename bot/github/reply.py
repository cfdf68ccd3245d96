"""An answer to a command, as a comment of its own."""

from __future__ import annotations

from bot.github.client import GitHub
from bot.github.faults import GitHubError, Trouble
from bot.github.records import Part, State

PART = "reply"


def reply(github: GitHub, repository: str, number: int, text: str) -> Part:
    """Write a new comment on that pull request; never raises."""
    try:
        comment = github.write(
            lambda api: api.get_repo(repository).get_issue(number).create_comment(text)
        )
        return Part(PART, State.DONE, "answered", comment.html_url)
    except GitHubError as error:
        denied = error.trouble is Trouble.NOT_PERMITTED
        return Part(PART, State.NOT_PERMITTED if denied else State.FAILED, str(error))
