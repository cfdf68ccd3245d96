"""A change that is marked as a direct experiment targets the default branch.

`[DIRECT]` and `db-direct` say that the rules were set aside to try something out. What is tried out
is to be looked at, and not to be deployed with the next release.

Aim it at a branch of its own, or take the mark off and follow the rules.

Reference: https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/proposing-changes-to-your-work-with-pull-requests/changing-the-base-branch-of-a-pull-request
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.history.told import first_added, marked_direct, of_revision
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.BLOCK
PACK = "process"
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for the pull request."""
    pull, place = facts.pull_request, first_added(facts)
    if pull is None or place is None or not pull.to_default_branch or not marked_direct(facts):
        return
    yield of_revision(
        *place,
        title=f"A direct experiment would be merged into {code(pull.base_branch)}",
        message=f"Pull request {pull.number} is marked as direct, and {code(pull.base_branch)} is "
        "the branch that releases are made of.",
        about="direct",
        remedies=(
            Remedy(
                "Aim it at another branch",
                block(f"gh pr edit {pull.number} --base <branch of the experiment>", "sh"),
            ),
            Remedy(
                "Take the mark off",
                "Remove `[DIRECT]` from the title and the label `db-direct`, and link an issue.",
                trade_off="The rules that the mark set aside hold again.",
            ),
        ),
    )
