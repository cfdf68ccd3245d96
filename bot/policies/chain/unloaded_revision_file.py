"""A changed revision file lies where Alembic does not look.

It looks like part of the chain and is never run: the deployment succeeds, and the schema is not
what the author thinks.

Move it into the versions folder, or tell Alembic to look there.

Reference: https://alembic.sqlalchemy.org/en/latest/tutorial.html#editing-the-ini-file
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from bot.explain.names.commands import commands
from bot.facts import Change, Facts, Project
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.WARN

_REVISION = re.compile(r"^(?:revision\s*(?::[^=\n]+)?=|def upgrade\b)", re.MULTILINE)

_NUMBERED = re.compile(r"[0-9a-f]{4,}[-_.]|\d")  # how revision files are called, by custom


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each such file that the change added or edited."""
    changed = {item.path for item in facts.files if item.change is not Change.DELETED}
    for project in facts.projects:
        for path in project.head.unloaded:
            if path in changed and _is_revision(facts, path):
                yield _finding(project, path)


def _is_revision(facts: Facts, path: str) -> bool:
    """Whether the text looks like a revision: packages keep other Python files there too."""
    source = facts.source(path)
    if source is None or source.head is None:
        return _NUMBERED.match(PurePosixPath(path).name.lstrip(".#_")) is not None
    return _REVISION.search(source.head) is not None


def _finding(project: Project, path: str) -> Finding:
    file = PurePosixPath(path)
    folders = project.version_locations or (f"{project.script_location}/versions",)
    folder = next((item for item in folders if path.startswith(f"{item}/")), folders[0])
    nested = str(file.parent) != folder and path.startswith(f"{folder}/")
    reason = (
        f"It lies below {code(folder)}, and Alembic reads only that folder itself."
        if nested
        else "Alembic passes over files of that name."
    )
    name = file.name.lstrip(".#_") if not nested else file.name
    move = Remedy("Move it", commands(("git", "mv", path, f"{folder}/{name}")))
    look = Remedy(
        "Let Alembic look into subfolders",
        block(f"# {project.config}\nrecursive_version_locations = true", "ini"),
        trade_off="Applies to all of them: every other Python file there must be a revision too.",
    )
    return Finding(
        path=path,
        line=1,
        title=f"Alembic does not load {code(file.name)}",
        message=f"{code(path)} looks like a revision and is not part of the chain. {reason}",
        subject=path,
        confidence=Confidence.CERTAIN,
        project=project.config,
        remedies=(move, look) if nested else (move,),
    )
