"""The revisions follow one another in a circle.

There is no first one among them, so none can be run: Alembic refuses every command with
"Cycle is detected in revisions".

Point one `down_revision` of the circle back at the revision that came before all of them.

Reference: https://alembic.sqlalchemy.org/en/latest/api/script.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.history.graph import cycles, follows_itself
from bot.explain.history.revisions import changed, literal, parent_line
from bot.explain.patch.patch import replaced_line
from bot.facts import Facts, Project, Revision, Unloadable
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code, several

SEVERITY = Severity.BLOCK
PRESETS = (1,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each circle."""
    for project in facts.projects:
        for group in cycles(project.head):
            yield _finding(facts, project, group)
        for item in project.head.unloadable:
            if follows_itself(item):  # Alembic refuses to load it
                yield _finding(facts, project, (_as_revision(item),))


def _as_revision(item: Unloadable) -> Revision:
    return Revision(item.revision or "", item.path, item.down_revision)


def _finding(facts: Facts, project: Project, group: tuple[Revision, ...]) -> Finding:
    ids = [item.revision for item in group]
    own = [item for item in group if changed(project, item.path)]
    # A revision that base has keeps its old parent; a new one goes on top of base's head.
    item = next((one for one in own if project.base.get(one.revision)), (own or list(group))[0])
    broken = next((each for each in project.head.unloadable if each.path == item.path), None)
    before = project.base.get(item.revision)
    parents = before.down_revision if before else project.base.heads[:1]
    line = broken.line if broken else parent_line(project, item)
    old, new = (f"down_revision = {literal(p)}" for p in (item.down_revision, parents))
    round_trip = f"{several(ids)} follow one another" if len(ids) > 1 else f"{code(ids[0])} follows"
    return Finding(
        path=item.path,
        line=line,
        title=f"{several(ids)} follow one another in a circle"
        if len(ids) > 1
        else f"{code(ids[0])} follows itself",
        message=f"{round_trip} {'in a circle' if len(ids) > 1 else 'itself'}: none of them can be "
        "the first to run, so Alembic refuses every command.",
        subject=" ".join(sorted(ids)),
        confidence=Confidence.CERTAIN,
        project=project.config,
        revision=item.revision,
        remedies=(
            Remedy(
                f"Let {code(item.revision)} follow what came before the circle",
                block(new, "python"),
                patch=replaced_line(facts, item.path, line, old, new),
            ),
        ),
    )
