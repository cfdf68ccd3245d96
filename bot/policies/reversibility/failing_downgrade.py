"""The downgrade raised.

A way back that was never tried is worse than none: it is found out during the rollback of a failed
release, and it stops there with half of the schema changed.

Undo the upgrade's operations in reverse order, with the names that the database has.

Reference: https://alembic.sqlalchemy.org/en/latest/naming.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.undo import as_function, take_back
from bot.explain.failures.failure import brief, told, ways_out
from bot.explain.history.revisions import failed_at, last_added, present
from bot.facts import ChangedRevision, Facts, Failure, FailureKind, Project, State
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.BLOCK
PRESETS = (1, 2, 3, 4, 5)
TOLD_BY = ("concurrently-inside-transaction",)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each revision whose way back fails, else one for all in one go."""
    for project in facts.projects:
        alone = False
        for item in present(project):
            down = item.round_trip.downgrade
            if down.state is State.FAILED and down.failure and _accident(down.failure):
                alone = True
                words = f"The downgrade of {code(item.revision)} stopped."
                yield _finding(project, item, down.failure, words)
        whole = project.whole.downgrade.failure if project.whole else None
        last = last_added(project)
        if whole and last and not alone and _accident(whole):
            words = "Each downgrade passes alone, and all of them in one go do not."
            yield _finding(project, last, whole, words)


def _accident(failure: Failure) -> bool:
    """A deliberate refusal is a missing downgrade instead."""
    return failure.kind is not FailureKind.REFUSED


def _finding(project: Project, item: ChangedRevision, failure: Failure, words: str) -> Finding:
    path, line = failed_at(failure, item.path, item.anchors.downgrade)
    created = item.round_trip.upgrade.changed
    whole = (
        (
            Remedy(
                "The whole way back, as the upgrade's effects demand it",
                block(as_function(take_back(created)), "python"),
            ),
        )
        if len(created) > 1
        else ()
    )
    return Finding(
        path=path,
        line=line,
        title=f"The downgrade fails: {code(brief(failure))}",
        message=f"{words} {told(failure)}",
        subject=item.revision,
        confidence=Confidence.OBSERVED,
        project=project.config,
        revision=item.revision,
        remedies=ways_out(failure, item, created) + whole,
    )
