"""Two revision files claim one id.

Alembic keeps only one of them and says so in a warning that nobody reads: the other is never run,
and which one it is depends on the order of the folder. It comes from a copied file, or from the
same change on two branches.

Give the newer file an id of its own.

Reference: https://alembic.sqlalchemy.org/en/latest/tutorial.html#create-a-migration-script
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from bot.explain.history.revisions import changed
from bot.explain.names.commands import commands
from bot.explain.names.names import python_string
from bot.explain.patch.patch import replaced_line
from bot.facts import Facts, Project, Revision
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code, several

SEVERITY = Severity.BLOCK
PRESETS = (1,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each id, at the file that the change brought."""
    for project in facts.projects:
        by_id: dict[str, list[Revision]] = {}
        for item in project.head.revisions:
            by_id.setdefault(item.revision, []).append(item)
        for files in by_id.values():
            if len({item.path for item in files}) > 1:
                yield _finding(facts, project, files)


def _finding(facts: Facts, project: Project, files: list[Revision]) -> Finding:
    known = {(item.revision, item.path) for item in project.base.revisions}
    ordered = sorted(files, key=lambda item: ((item.revision, item.path) in known, item.path))
    item, others = ordered[0], [other.path for other in ordered[1:]]
    own = changed(project, item.path)
    line = own.anchors.revision if own else 1
    fresh = sha256(f"{item.path}:{item.revision}".encode()).hexdigest()[:12]
    old, new = f"revision = {python_string(item.revision)}", f'revision = "{fresh}"'
    return Finding(
        path=item.path,
        line=line,
        title=f"{code(item.revision)} is the id of {len(ordered)} files",
        message=f"{code(item.path)} and {several(others)} claim the revision id "
        f"{code(item.revision)}. Alembic would run one of them and never the other.",
        subject=item.revision,
        confidence=Confidence.CERTAIN,
        project=project.config,
        revision=item.revision,
        remedies=(
            Remedy(
                "Give this file an id of its own",
                block(new, "python")
                + "\n\nRevisions that follow it name the new id in their `down_revision`.",
                patch=replaced_line(facts, item.path, line, old, new),
            ),
            Remedy(
                "Delete the copy",
                commands(("git", "rm", item.path)),
                trade_off="Right when both files do the same.",
            ),
        ),
    )
