"""The commit status ``db-recheck``, reactions and re-runs: small things told in one request."""

from __future__ import annotations

from bot.github import ask
from bot.github.client import GitHub, commit
from bot.github.records import NAME, Part, State
from bot.verdict import Outcome

PART = "status"
DESCRIPTION = 140  # characters (GitHub REST: "Create a commit status")
STATES = {
    Outcome.PASS: "success",
    Outcome.SKIP: "success",
    Outcome.FAIL: "failure",
    Outcome.ERROR: "error",
}


def put_status(
    github: GitHub, repository: str, sha: str, state: str, description: str, target_url: str
) -> Part:
    """Give the commit that status, unless its newest one of the name says the same.

    ``state`` is ``pending``, ``success``, ``failure`` or ``error``; a longer ``description`` than
    GitHub takes is cut.

    Raises:
        GitHubError: GitHub refused, or could not be reached.
    """
    told = " ".join(description.split())
    told = told if len(told) <= DESCRIPTION else told[: DESCRIPTION - 1] + "…"
    known = github.read(lambda api: ask.status_of(api, repository, sha))
    if known is not None and (known.state, known.description) == (state, told):
        return Part(PART, State.UNCHANGED, f"the status is {state} already", known.target_url)
    github.write(
        lambda api: commit(api, repository, sha).create_status(
            state=state, target_url=target_url, description=told, context=NAME
        )
    )
    return Part(PART, State.DONE, f"the status of {sha[:9]} is {state}", target_url)


def put_reaction(github: GitHub, repository: str, comment: int, content: str) -> Part:
    """React to a comment: ``eyes``, ``rocket``, ``-1`` or ``confused``. The same one counts once.

    Raises:
        GitHubError: GitHub refused, or could not be reached.
    """
    address = f"/repos/{repository}/issues/comments/{comment}/reactions"
    github.write(
        lambda api: api.requester.requestJsonAndCheck("POST", address, input={"content": content})
    )
    return Part("reaction", State.DONE, f"reacted with {content}")


def ask_rerun(github: GitHub, repository: str, run: int) -> Part:
    """Run a workflow run again, with the rights that it had (GitHub: at most 30 days later).

    Raises:
        GitHubError: GitHub refused (it is still running, say), or could not be reached.
    """
    address = f"/repos/{repository}/actions/runs/{run}/rerun"
    # PyGithub's WorkflowRun.rerun() returns False on every failure and does not tell which.
    github.write(lambda api: api.requester.requestJsonAndCheck("POST", address))
    return Part("rerun", State.DONE, f"run {run} was started again")
