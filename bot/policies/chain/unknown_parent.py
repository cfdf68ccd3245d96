"""A revision names a parent that is not in the tree.

Alembic cannot build its graph then: every command fails, on every installation. The usual cause
is a parent that was squashed or folded into another revision, or one that lives on a branch that
was never merged.

Name a revision that is in the tree, or bring the missing file along.

Reference: https://alembic.sqlalchemy.org/en/latest/tutorial.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.explain.history.graph import names, unloaded_ids
from bot.explain.history.revisions import dependency_line, literal, parent_line
from bot.explain.names.commands import commands
from bot.explain.patch.patch import replaced_line
from bot.facts import Facts, Project, Revision
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.BLOCK
PRESETS = (1,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each name that leads nowhere."""
    for project in facts.projects:
        known = names(project.head) | unloaded_ids(project)
        for item in project.head.revisions:
            for missing in item.down_revision:
                if missing not in known:
                    yield _finding(facts, project, item, missing, "down_revision")
            for missing in item.depends_on:
                if missing not in known:
                    yield _finding(facts, project, item, missing, "depends_on")


def _finding(facts: Facts, project: Project, item: Revision, missing: str, said: str) -> Finding:
    folded = _folded_into(project, item, missing)
    heads = [name for name in project.base.heads if project.head.get(name)]
    instead = folded.revision if folded else "".join(heads[:1]) or None
    parent = said == "down_revision"
    line = parent_line(project, item) if parent else dependency_line(project, item)
    remedies = []
    if instead:
        rest = tuple(instead if name == missing else name for name in item.down_revision)
        new = f"down_revision = {literal(rest)}" if parent else ""
        old = f"down_revision = {literal(item.down_revision)}"
        remedies.append(
            Remedy(
                f"Name {code(instead)} instead",
                block(new or f"depends_on = {literal((instead,))}", "python"),
                patch=replaced_line(facts, item.path, line, old, new) if new else None,
            )
        )
    remedies.append(
        Remedy(
            "Bring the missing revision along",
            "Find the branch that has it and merge that first:\n\n"
            + commands(
                ("git", "log", "--all", "--oneline", "-S", missing, "--", project.script_location)
            ),
        )
    )
    place = ""
    if folded:
        place = f" {code(folded.revision)} ({code(folded.path)}) says that it took it in."
    return Finding(
        path=item.path,
        line=line,
        title=f"{code(item.revision)} follows {code(missing)}, which is not in the tree",
        message=f"{code(said)} of {code(item.revision)} names {code(missing)}, and no revision "
        f"file has that id.{place} No Alembic command works until it does.",
        subject=f"{item.revision}:{missing}",
        confidence=Confidence.CERTAIN,
        project=project.config,
        revision=item.revision,
        remedies=tuple(remedies),
    )


def _folded_into(project: Project, item: Revision, missing: str) -> Revision | None:
    """The revision whose docstring or ``replaces`` names the missing one, or None."""
    word = re.compile(rf"(?<!\w){re.escape(missing)}(?!\w)")
    others = [other for other in project.head.revisions if other.revision != item.revision]
    return next(
        (other for other in others if missing in other.replaces or _speaks(word, other)), None
    )


def _speaks(word: re.Pattern[str], other: Revision) -> bool:
    """Whether its docstring mentions it other than in Alembic's own "Revises:" line."""
    lines = (line for line in other.doc.splitlines() if not line.startswith("Revises:"))
    return any(word.search(line) for line in lines)
