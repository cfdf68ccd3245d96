"""A merge revision also changed the schema or its rows.

A merge revision says only that two branches are one again; readers and tools skip it. A change
hidden in it is overlooked, and going down through it splits the chain at the same time.

Leave the merge empty and put the change into a revision on top of it.

Reference: https://alembic.sqlalchemy.org/en/latest/branches.html#merging-branches
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.history.revisions import first_line_of, literal, present
from bot.explain.schema.objects import listed, tables
from bot.facts import ChangedRevision, Facts, Project
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code, several

SEVERITY = Severity.WARN
PRESETS = (1,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each merge revision that does something."""
    for project in facts.projects:
        for item in present(project):
            touched = _rows_touched(project, item)
            if item.is_merge and (item.round_trip.upgrade.changed or touched):
                yield _finding(project, item, touched)


def _rows_touched(project: Project, item: ChangedRevision) -> int:
    """On tables with rows where it ran on some: empty ones have nothing to be touched."""
    trips = project.rows.trips if project.rows else ()
    filled = [trip.upgrade.rows_touched for trip in trips if trip.revision == item.revision]
    return max([item.round_trip.upgrade.rows_touched, *filled])


def _finding(project: Project, item: ChangedRevision, touched: int) -> Finding:
    up = item.round_trip.upgrade
    done = listed(up.changed, "new", "gone", ("was", "is"))
    told = f"also did this:\n\n{done}" if done else f"wrote {touched} rows."
    if done and touched:
        told += f"\n\nIt also touched {touched} rows."
    text = (
        f'# alembic revision -m "..."\ndown_revision = {literal((item.revision,))}\n\n\n'
        "def upgrade() -> None:\n    ...  # what the merge revision does now"
    )
    return Finding(
        path=item.path,
        line=first_line_of(item),
        title=f"The merge revision {code(item.revision)} "
        + ("changes the schema" if done else "writes rows"),
        message=f"{code(item.revision)} joins {several(item.down_revision)}, and its upgrade "
        + told,
        subject=item.revision,
        confidence=Confidence.OBSERVED,
        project=project.config,
        revision=item.revision,
        tables=tables(up.changed),
        remedies=(
            Remedy(
                f"Move the change into a revision on top of {code(item.revision)}",
                block(text, "python"),
            ),
        ),
    )
