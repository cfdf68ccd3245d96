"""A revision that base already has is gone, or has another id.

Databases that stand at it cannot be upgraded any more: Alembic looks its id up in the tree and
stops with "Can't locate revision". Others miss a step that nobody will notice.

Keep the file, and undo its effect with a new revision. To squash old revisions, keep them until
every installation has passed them, and let the squashed one name them in `replaces`.

Reference: https://alembic.sqlalchemy.org/en/latest/tutorial.html#partial-revision-identifiers
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.history.graph import unloaded_ids
from bot.explain.history.revisions import changed
from bot.explain.names.commands import commands
from bot.explain.names.names import python_string
from bot.facts import Facts, Project, Revision
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code, several, verb

SEVERITY = Severity.BLOCK
PRESETS = (3, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each file with another id, and one for all that are gone."""
    for project in facts.projects:
        kept = {item.revision for item in project.head.revisions} | unloaded_ids(project)
        lost = [item for item in project.base.revisions if item.revision not in kept]
        files = {item.path: item for item in project.head.revisions}
        gone = [item for item in lost if item.path not in files]
        for item in lost:
            if item.path in files:
                yield _other_id(facts, project, item, files[item.path])
        if gone:
            yield _gone(facts, project, gone)


def _gone(facts: Facts, project: Project, gone: list[Revision]) -> Finding:
    ids = [item.revision for item in gone]
    names = [item for item in project.head.revisions if set(item.replaces) & set(ids)]
    by = several([item.revision for item in names])
    note = f" {by} {verb(names, 'replaces', 'replace')} some of them." if names else ""
    head = "".join(project.head.heads[:1]) or "head"
    paths = [item.path for item in gone[:20]]
    return Finding(
        path=gone[0].path,
        line=1,
        title=f"{code(ids[0])} was removed"
        if len(ids) == 1
        else f"{code(ids[0])} and {len(ids) - 1} more revisions were removed",
        message=f"{code(facts.base_name)} has {several(ids)}, and the change removes "
        f"{'it' if len(ids) == 1 else 'them'}.{note} A database whose `alembic_version` names "
        "a removed revision cannot be upgraded any more.",
        subject=" ".join(sorted(ids)[:20]),
        confidence=Confidence.CERTAIN,
        project=project.config,
        revision=ids[0],
        count=len(ids),
        remedies=(
            Remedy("Keep the files", commands(("git", "checkout", facts.base_name, "--", *paths))),
            Remedy(
                "Stamp every database after a squash",
                commands(("alembic", "stamp", "--purge", head)),
                trade_off="Each installation must have run all of the removed revisions before, "
                "and somebody must run this on each.",
            ),
        ),
    )


def _other_id(facts: Facts, project: Project, item: Revision, now: Revision) -> Finding:
    own = changed(project, now.path)
    return Finding(
        path=now.path,
        line=own.anchors.revision if own else 1,
        title=f"{code(item.revision)} is now called {code(now.revision)}",
        message=f"{code(facts.base_name)} has this file as {code(item.revision)}. A database whose "
        f"`alembic_version` names {code(item.revision)} cannot be upgraded any more: Alembic does "
        f"not know that {code(now.revision)} is what it already ran.",
        subject=item.revision,
        confidence=Confidence.CERTAIN,
        project=project.config,
        revision=now.revision,
        remedies=(
            Remedy("Keep the id", block(f"revision = {python_string(item.revision)}", "python")),
        ),
    )
