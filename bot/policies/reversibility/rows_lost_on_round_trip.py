"""Rows or values that were there before the upgrade were gone after the downgrade.

A release is rolled back when something goes wrong, and then nobody thinks of data: what the way
back does not restore is lost for good, except from a backup.

Keep what the upgrade takes away until no rollback is to be expected: rename instead of drop, copy
aside, drop in a later release. Let the downgrade put it back.

Reference: https://www.postgresql.org/docs/current/sql-altertable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.history.revisions import present
from bot.explain.losses.rows_lost import kept, summed_up
from bot.facts import ChangedRevision, Facts, Project
from bot.facts.rows import Loss
from bot.policy import Confidence, Finding, Severity
from bot.wording import code, several

SEVERITY = Severity.WARN
PRESETS = (2, 4, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each revision that loses something."""
    for project in facts.projects:
        for item in present(project):
            trip = project.rows.trip(item.revision) if project.rows else None
            if trip and trip.losses:
                yield _finding(project, item, trip.losses)


def _finding(project: Project, item: ChangedRevision, losses: tuple[Loss, ...]) -> Finding:
    lost = [f"{loss.table}.{name}" for loss in losses for name in loss.columns]
    lost += [loss.table for loss in losses if not loss.columns]
    lost = list(dict.fromkeys(lost))
    names = lost[0].rpartition(".")[2] if len(lost) == 1 else None
    return Finding(
        path=item.path,
        line=item.anchors.downgrade,
        title=f"Upgrade and downgrade of {code(item.revision)} lose what {several(lost, 3)} held",
        message="On tables with rows, after upgrade and downgrade:\n\n"
        + "\n".join(f"- {summed_up(loss)}" for loss in losses),
        subject=f"{item.revision} {' '.join(lost)}",
        confidence=Confidence.LIKELY if all(each.odd for each in losses) else Confidence.OBSERVED,
        project=project.config,
        revision=item.revision,
        tables=tuple(dict.fromkeys(loss.table for loss in losses)),
        count=sum(loss.rows for loss in losses),
        column=names if losses[0].columns else None,
        remedies=kept(project, item, losses),
    )
