"""The second upgrade ended in another schema than the first.

A database that was rolled back and upgraded again differs from one that went up once, and nobody
sees it: the versions are the same.

Let the upgrade do the same whatever it finds, and the downgrade restore all that it depends on.

Reference: https://alembic.sqlalchemy.org/en/latest/tutorial.html#downgrading
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.explain.code.undo import take_back
from bot.explain.history.revisions import last_added, present
from bot.explain.schema.objects import labels, listed, tables
from bot.facts import ChangedRevision, Difference, Facts, Project, RoundTrip, State
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.BLOCK
PRESETS = (1,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each revision, else one for all of them in one go."""
    for project in facts.projects:
        alone = False
        for item in present(project):
            unequal = _unexplained(item.round_trip)
            if unequal:
                alone = True
                yield _finding(project, item, unequal, code(item.revision))
        last, whole = last_added(project), project.whole
        unequal = _unexplained(whole) if whole else []
        if unequal and last and not alone:
            yield _finding(project, last, unequal, "the whole change")


def _unexplained(trip: RoundTrip) -> list[Difference]:
    """What is unequal and was not already left behind: that is downgrade-residue's finding."""
    if trip.reupgrade.state is not State.OK:
        return []
    left = {item.name for item in trip.residue}
    return [item for item in trip.unequal if item.name not in left]


def _finding(
    project: Project, item: ChangedRevision, unequal: Sequence[Difference], what: str
) -> Finding:
    return Finding(
        path=item.path,
        line=item.anchors.upgrade,
        title=f"The second upgrade of {what} differs in {labels(unequal)}",
        message=f"Up, down and up again, {what} does not end where it ended the first time:"
        f"\n\n{listed(unequal, 'only the second time', 'only the first time', ('first', 'then'))}",
        subject=what,
        confidence=Confidence.OBSERVED,
        project=project.config,
        revision=item.revision,
        tables=tables(unequal),
        count=len(unequal),
        remedies=(
            Remedy(
                "Make the upgrade independent of what it finds",
                "Replace conditions (`IF NOT EXISTS`, `if table in inspector…`) by plain "
                "operations, so that both runs end in the first one's schema:\n\n"
                + block(take_back(unequal), "python"),
            ),
        ),
    )
