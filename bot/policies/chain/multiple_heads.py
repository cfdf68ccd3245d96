"""The merged tree has more heads than base has.

`alembic upgrade head` refuses to choose between two heads, so the deployment stops. It happens
mostly without anybody's fault: two branches start from one revision, and each is right until the
other is merged.

Put the branch's own first revision on top of the other head. If both were already deployed
somewhere, join them with a merge revision instead, because a deployed revision is not edited.

Reference: https://alembic.sqlalchemy.org/en/latest/branches.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.history.graph import heads_by_label
from bot.explain.history.revisions import changed, literal, parent_line
from bot.explain.names.commands import commands
from bot.explain.patch.patch import replaced_line
from bot.facts import Facts, Project, Revision
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code, several

SEVERITY = Severity.BLOCK
PRESETS = (1, 3, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each head that base has no room for."""
    for project in facts.projects:
        was = heads_by_label(project.base)
        for label, heads in heads_by_label(project.head).items():
            room = max(1, len(was.get(label, ())))
            old = {item.revision for item in was.get(label, ())}
            ordered = sorted(heads, key=lambda head: (head.revision not in old, head.path))
            for head in ordered[room:]:
                yield _finding(facts, project, ordered[0], head)


def _finding(facts: Facts, project: Project, kept: Revision, head: Revision) -> Finding:
    first = _first_own(project, head)
    old, new = (f"down_revision = {literal(p)}" for p in (first.down_revision, (kept.revision,)))
    line = parent_line(project, first)
    patch = replaced_line(facts, first.path, line, old, new)
    parents = several(first.down_revision) if first.down_revision else "nothing"
    gained = kept.path in project.base_added
    cause = (
        f"{code(facts.base_name)} gained {code(kept.revision)} ({code(kept.path)}) since this "
        f"branch left it. Each side alone has one head; the merge has both."
        if gained
        else f"{code(kept.revision)} ({code(kept.path)}) is the other head, and the branch itself "
        f"starts beside it."
    )
    joined = f"merge {kept.revision[:8]} and {head.revision[:8]}"
    return Finding(
        path=first.path,
        line=line,
        title=f"Two heads: {code(kept.revision)} and {code(head.revision)}",
        message=f"{code(first.revision)} follows {parents} instead of "
        f"{code(kept.revision)}. {cause} `alembic upgrade head` would refuse to choose.",
        subject=head.revision,
        confidence=Confidence.CERTAIN,
        project=project.config,
        revision=head.revision,
        remedies=(
            Remedy(
                f"Put {code(first.revision)} on top of {code(kept.revision)}",
                block(new, "python"),
                trade_off="Right while the revision is deployed nowhere: its id stays, its place "
                "in the chain changes.",
                patch=patch,
            ),
            Remedy(
                "Join both heads with a merge revision",
                commands(("alembic", "merge", "-m", joined, kept.revision, head.revision)),
                trade_off="Edits nothing, but the order in which the two run stays open.",
            ),
        ),
    )


def _first_own(project: Project, head: Revision) -> Revision:
    """The first of the branch's own revisions below that head: the one to put elsewhere."""
    first, seen = head, {head.revision}
    while True:
        below = [project.head.get(name) for name in first.down_revision if name not in seen]
        own = [
            item
            for item in below
            if item and changed(project, item.path) and not project.base.get(item.revision)
        ]
        if not own:
            return first
        first = own[0]
        seen.add(first.revision)
