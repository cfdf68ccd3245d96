"""The upgrade changed something, and there is no way back.

When the release has to be rolled back the old code meets the new schema, and whoever is on call
writes the missing SQL by hand at the worst moment.

Write the downgrade while the upgrade is at hand: its operations, reversed, in reverse order.

Reference: https://alembic.sqlalchemy.org/en/latest/tutorial.html#running-our-first-migration
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.undo import as_function, take_back
from bot.explain.history.downgrade import is_missing
from bot.explain.history.revisions import present
from bot.explain.schema.objects import listed, tables
from bot.facts import ChangedRevision, DowngradeShape, Facts, Project, State
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.BLOCK
PRESETS = (1, 2, 3, 4, 5)

_SAID = {
    DowngradeShape.MISSING: "has no downgrade",
    DowngradeShape.EMPTY: "has an empty downgrade",
}


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each revision without a way back."""
    for project in facts.projects:
        for item in present(project):
            up = item.round_trip.upgrade
            if is_missing(item) and up.state is State.OK and (up.changed or up.rows_touched):
                yield _finding(project, item)


def _finding(project: Project, item: ChangedRevision) -> Finding:
    up = item.round_trip.upgrade
    down = item.round_trip.downgrade
    said = _SAID.get(item.downgrade_shape, "refuses to go back")
    reason = f" It says: {code(down.failure.message)}." if down.failure else ""
    did = listed(up.changed, "new", "gone", ("was", "is"))
    rows = f"It touched {up.rows_touched} rows." if up.rows_touched else ""
    gone = item.downgrade_shape is DowngradeShape.MISSING
    backup = (
        "Where rows cannot be brought back, restore the schema all the same: an empty column lets "
        "the old code run."
        if up.rows_touched or any(each.after is None for each in up.changed)
        else ""
    )
    return Finding(
        path=item.path,
        line=1 if gone and item.anchors.downgrade <= 1 else item.anchors.downgrade,
        title=f"{code(item.revision)} {said}",
        message=f"{code(item.revision)} {said}.{reason} Its upgrade did this:\n\n{did}\n\n"
        f"{rows}".strip(),
        subject=item.revision,
        confidence=Confidence.OBSERVED,
        project=project.config,
        revision=item.revision,
        tables=tables(up.changed),
        remedies=(
            Remedy(
                "Write the downgrade",
                block(as_function(take_back(up.changed)), "python"),
                trade_off=backup,
            ),
        ),
    )
