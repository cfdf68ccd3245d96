"""The branch does not merge into the tip of base.

What would be deployed is the merge, and there is none: what was checked is the branch alone, on
its own. Two heads, a taken name or a changed table may wait in the part that was not seen.

Merge or rebase onto base and resolve the conflict; the next run checks the result.

Reference: https://git-scm.com/docs/git-merge-tree
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.names.commands import commands
from bot.facts import Facts
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import code, several

SEVERITY = Severity.BLOCK


def check(facts: Facts) -> Iterator[Finding]:
    """One finding, however many files conflict."""
    if not facts.conflicts:
        return
    folders = tuple(f"{project.script_location}/" for project in facts.projects)
    ordered = sorted(facts.conflicts, key=lambda path: not path.startswith(folders))
    path = ordered[0]
    file = next((item for item in facts.files if item.path == path), None)
    yield Finding(
        path=path,
        line=file.hunks[0].start or 1 if file and file.hunks else 1,
        title=f"The branch conflicts with {code(facts.base_name)}",
        message=f"Git cannot merge this branch into {code(facts.base_name)} by itself: "
        f"{several(ordered)} changed on both sides. The branch was checked alone, without what "
        f"{code(facts.base_name)} gained since.",
        subject="merge",
        confidence=Confidence.CERTAIN,
        count=len(ordered),
        remedies=(
            Remedy(
                "Resolve the conflict on the branch",
                commands(("git", "fetch", "origin"), ("git", "merge", facts.base_name))
                + "\n\nAmong revision files keep both sides; if both follow the same parent, "
                "let the branch's first revision follow the other.",
            ),
        ),
    )
