"""A revision that base already has was changed in what it does.

Installations that ran it will never run it again: they keep what the old text made, new ones get
what the new text makes, and the two drift apart without an error anywhere.

Restore the file and put the change into a new revision on top of the chain.

Reference: https://alembic.sqlalchemy.org/en/latest/tutorial.html#running-our-second-migration
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.explain.history.revisions import first_added_line, literal
from bot.explain.names.commands import commands
from bot.facts import Change, ChangedRevision, Facts, Project
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code, several

SEVERITY = Severity.BLOCK
PRESETS = (3, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each edited file."""
    for project in facts.projects:
        times = Counter(each.revision for each in project.head.revisions)
        for item in project.revisions:
            # Of two files with one id nothing tells which is base's: duplicate-revision-id does.
            once = times[item.revision] == 1
            edited = item.change in (Change.MODIFIED, Change.RENAMED)
            renamed_only = item.change is Change.RENAMED and item.same_code
            if edited and once and item.old_revision == item.revision and not renamed_only:
                yield _finding(facts, project, item)


def _finding(facts: Facts, project: Project, item: ChangedRevision) -> Finding:
    words = item.same_code
    moved = item.old_down_revision != item.down_revision
    now, was = (several(p) if p else "`None`" for p in (item.down_revision, item.old_down_revision))
    heads = project.head.heads
    effect = (
        "Only comments or docstrings differ: what it does is the same."
        if words
        else "Databases that already ran it keep what the old text made; only new ones get the "
        "new one."
    )
    parents = f" It now follows {now} instead of {was}." if moved else ""
    restore = commands(("git", "checkout", facts.base_name, "--", item.path))
    fresh = block(f"# alembic revision -m ...\ndown_revision = {literal(heads[:1])}", "python")
    return Finding(
        path=item.path,
        line=first_added_line(facts, item.path, item.anchors.upgrade),
        title=f"{code(item.revision)} is already in {code(facts.base_name)} and was "
        + ("reworded" if words else "changed"),
        message=f"{code(facts.base_name)} already has {code(item.revision)}.{parents} {effect}",
        subject=item.revision,
        confidence=Confidence.CERTAIN,
        severity=Severity.NOTE if words else None,
        project=project.config,
        revision=item.revision,
        remedies=(
            Remedy(
                "Restore the file"
                if words
                else "Restore the file, and add a new revision with the change",
                f"{restore}\n\n{fresh}" if not words else restore,
                trade_off="If it ran nowhere but on your own machine, editing it does no harm: "
                f"waive this with {code('# db-recheck: allow-file edited-history: …')}.",
            ),
        ),
    )
