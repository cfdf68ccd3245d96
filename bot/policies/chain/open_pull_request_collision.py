"""Another open pull request adds a revision on the same parent.

Each of them has one head, so both are green. The one that is merged second makes two heads of them,
and `alembic upgrade head` then refuses on the main branch, where nobody was warned.

Agree on the order now. Whoever is merged second puts the own revision on top of the other's.

Reference: https://alembic.sqlalchemy.org/en/latest/branches.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.history.revisions import literal, present
from bot.facts import (
    Change,
    ChangedRevision,
    Facts,
    OtherPullRequest,
    OtherRevision,
    Project,
)
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code, prose, several

SEVERITY = Severity.NOTE
PRESETS = (1,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each other pull request and parent."""
    pull = facts.pull_request
    for project in facts.projects:
        for other in (pull.others or ()) if pull else ():
            told: set[tuple[str, ...]] = set()
            for revision in other.revisions:
                own = _beside(project, revision)
                if own and own.down_revision not in told:
                    told.add(own.down_revision)
                    yield _finding(project, own, other, revision)


def _beside(project: Project, revision: OtherRevision) -> ChangedRevision | None:
    """The change's own revision that has a parent in common with the other's.

    None for a revision that this change has too: then one branch stands on the other.
    """
    known = revision.revision is None or project.head.get(revision.revision) is not None
    held = any(revision.path.startswith(folder) for folder in _folders(project))
    if known or not held or not revision.down_revision:
        return None
    parents = {*revision.down_revision}
    for item in present(project):
        if item.change is Change.ADDED and not item.is_merge and parents & {*item.down_revision}:
            return item
    return None


def _folders(project: Project) -> tuple[str, ...]:
    folders = (project.script_location, *project.version_locations)
    return tuple(folder.rstrip("/") + "/" for folder in folders if folder)


def _finding(
    project: Project, own: ChangedRevision, other: OtherPullRequest, revision: OtherRevision
) -> Finding:
    theirs = code(revision.revision or revision.path)
    parents = several(own.down_revision)
    named = f"#{other.number} ({prose(other.title, 120)})" if other.title else f"#{other.number}"
    return Finding(
        path=own.path,
        line=own.anchors.down_revision,
        title=f"#{other.number} adds a revision on {parents} too",
        message=f"{code(own.revision)} follows {parents}, and so does {theirs} "
        f"({code(revision.path)}) of the open pull request {named}, branch {code(other.branch)}. "
        "Whichever is merged second leaves two heads behind.",
        subject=f"{own.revision}:{other.number}",
        confidence=Confidence.CERTAIN,
        project=project.config,
        revision=own.revision,
        remedies=(
            Remedy(
                f"If #{other.number} is merged first, put {code(own.revision)} on top of {theirs}",
                block(f"down_revision = {literal((revision.revision or '',))}", "python"),
                trade_off="Wait until it is merged: its revision may still change its id.",
            ),
        ),
    )
