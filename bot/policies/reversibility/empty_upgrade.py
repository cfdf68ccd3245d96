"""The upgrade changed nothing.

An empty revision is most often a forgotten one: autogenerate found no difference because a model
was not imported, or the operations met a schema that already had them.

Fill it in or delete it. If it only joins branches, it is a merge revision.

Reference: https://alembic.sqlalchemy.org/en/latest/autogenerate.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.explain.history.revisions import present
from bot.explain.names.commands import commands
from bot.facts import Change, ChangedRevision, Facts, Project, State, Statement
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import code, several

SEVERITY = Severity.WARN
PRESETS = (1, 4)

# Definitions, whose effect the catalogue would show. Anything else (rows, maintenance, a DO block)
# may well do something on a database with rows: not seen is not the same as nothing done.
_DEFINES = re.compile(r"\s*(CREATE|ALTER|DROP|COMMENT|GRANT|REVOKE|SET)\b", re.IGNORECASE)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each new revision without effect."""
    for project in facts.projects:
        for item in present(project):
            up = item.round_trip.upgrade
            new = item.change is Change.ADDED and not item.is_merge
            ran = up.state is State.OK and set(up.stamped) == set(up.expected)
            own = [each for each in up.statements if each.path == item.path]
            if (
                new
                and ran
                and not up.changed
                and not up.rows_touched
                and all(_DEFINES.match(each.sql) for each in own)
            ):
                yield _finding(project, item, own)


def _finding(project: Project, item: ChangedRevision, own: list[Statement]) -> Finding:
    parent = several(item.down_revision) if item.down_revision else "nothing"
    did = "It ran no statement."
    if own:
        did = f"It ran {len(own)} statements, and none had an effect."
    if len(own) == 1:
        did = "It ran one statement, which had no effect."
    return Finding(
        path=item.path,
        line=own[0].line or item.anchors.upgrade if own else item.anchors.upgrade,
        title=f"The upgrade of {code(item.revision)} changes nothing",
        message=f"{code(item.revision)} follows {parent} and leaves the schema as it was. {did}",
        subject=item.revision,
        confidence=Confidence.OBSERVED,
        project=project.config,
        revision=item.revision,
        remedies=(
            Remedy(
                "Delete the revision",
                commands(("git", "rm", item.path))
                + f"\n\nRevisions that follow it then follow {parent}.",
            ),
            Remedy(
                "Generate it again with every model imported in env.py",
                commands(("alembic", "revision", "--autogenerate", "-m", item.message or "...")),
            ),
        ),
    )
