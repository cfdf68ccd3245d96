"""The pull request was not linked to any open issue.

The issue is where the need, the discussion and the go-ahead are. Without one a change of the schema
stands alone: nobody can tell later why it was made, or that somebody wanted it.

Name the issue in the pull request's body, with a word that closes it: `Closes #12`.

Reference: https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.history.told import first_added, marked_direct, names_issue, of_revision, texts
from bot.facts import Facts, LinkedIssue, PullRequest
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.BLOCK
PACK = "process"
PRESETS = (3, 5)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for the pull request; none where there is no pull request to ask."""
    pull, place = facts.pull_request, first_added(facts)
    if pull is None or place is None or _is_linked(facts, pull, options.issue_pattern):
        return
    waived = options.direct_override and marked_direct(facts)
    named = "; ".join(_word(issue) for issue in pull.issues[:5])
    why = f"It names {named}." if named else "Neither its title, body, branch nor commits name one."
    allowed = "It is marked as direct, which the configuration lets stand for an issue."
    yield of_revision(
        *place,
        title="No issue is linked: marked as direct" if waived else "No open issue is linked",
        message=f"Pull request {pull.number} changes the schema without an open issue. {why}"
        + (f" {allowed}" if waived else ""),
        about="issue",
        severity=Severity.NOTE if waived else None,
        remedies=(
            Remedy(
                "Name the issue in the body of the pull request",
                block(f"Closes {_example(options.issue_pattern)}"),
            ),
        ),
    )


def _is_linked(facts: Facts, pull: PullRequest, pattern: str | None) -> bool:
    """Whether an issue is named that is open, or of which GitHub did not tell."""
    if pattern is not None and names_issue(f"{pull.branch}\n{texts(facts)}", pattern):
        return True
    return any(item.exists is not False and item.state != "closed" for item in pull.issues)


def _word(issue: LinkedIssue) -> str:
    name = code(f"#{issue.number}")
    return f"{name}, which does not exist" if issue.exists is False else f"{name}, which is closed"


def _example(pattern: str | None) -> str:
    return "#<number>" if pattern is None else f"<a reference that fits {pattern}>"
