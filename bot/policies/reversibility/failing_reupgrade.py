"""Up, down, then up again raised.

After a rollback the repaired release is deployed a second time, and then it stops: something that
the first upgrade made was still there, typically an enum type, which goes with no table.

Let the downgrade drop what the upgrade created.

Reference: https://www.postgresql.org/docs/current/sql-droptype.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.undo import take_back
from bot.explain.failures.failure import brief, told, ways_out
from bot.explain.history.revisions import failed_at, last_added, present
from bot.explain.schema.objects import labels
from bot.facts import ChangedRevision, Facts, Failure, Project, RoundTrip, State
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.BLOCK
PRESETS = (1, 3, 4, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each revision, else one for all of them in one go."""
    for project in facts.projects:
        alone = False
        for item in present(project):
            failure = _failure(item.round_trip)
            if failure:
                alone = True
                words = f"The second upgrade of {code(item.revision)} stopped."
                yield _finding(project, item, failure, item.round_trip, words)
        last, whole = last_added(project), project.whole
        # Without residue it is no second upgrade, only a first one: failing-upgrade's finding.
        failure = _failure(whole) if whole and whole.residue else None
        if failure and whole and last and not alone:
            words = "Each revision goes up a second time alone, and all of them in one go do not."
            yield _finding(project, last, failure, whole, words)


def _failure(trip: RoundTrip) -> Failure | None:
    again = trip.downgrade.state is State.OK and trip.reupgrade.state is State.FAILED
    return trip.reupgrade.failure if again else None


def _finding(
    project: Project, item: ChangedRevision, failure: Failure, trip: RoundTrip, words: str
) -> Finding:
    path, line = failed_at(failure, item.path, item.anchors.upgrade)
    left = [each for each in trip.residue if each.before is None]
    cleaned = (
        Remedy(
            "Drop it in the downgrade",
            f"The downgrade left this behind: {labels(left, most=5)}. At its end:\n\n"
            + block(take_back(left), "python"),
        ),
    )
    return Finding(
        path=path,
        line=line,
        title=f"The second upgrade fails: {code(brief(failure))}",
        message=f"{words} {told(failure)}",
        subject=item.revision,
        confidence=Confidence.OBSERVED,
        project=project.config,
        revision=item.revision,
        remedies=cleaned if left else ways_out(failure, item, trip.upgrade.changed),
    )
