"""The upgrade reported success, and the database is not at its revision.

The deployment goes on as if the schema were there. Nothing was committed, or the version row does
not say what ran: the next upgrade starts from a wrong place.

Let env.py commit: run the migrations inside `with context.begin_transaction():`, and with an async
engine let the connection commit too. A revision must not roll back by itself.

Reference: https://alembic.sqlalchemy.org/en/latest/api/runtime.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.history.revisions import first_added_line, present
from bot.facts import ChangedRevision, Facts, Project, State
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code, several

SEVERITY = Severity.BLOCK
PRESETS = (1,)

_COMMITTING = """\
def run_migrations_online() -> None:
    with connectable.begin() as connection:  # begin() commits at its end, connect() does not
        context.configure(connection=connection, target_metadata=target_metadata)
        with context.begin_transaction():
            context.run_migrations()
"""


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each project: what does not commit does so for every revision."""
    for project in facts.projects:
        silent = [item for item in present(project) if _is_silent(item)]
        if silent:
            yield _finding(facts, project, silent)


def _is_silent(item: ChangedRevision) -> bool:
    up = item.round_trip.upgrade
    return up.state is State.OK and set(up.stamped) != set(up.expected)


def _finding(facts: Facts, project: Project, silent: list[ChangedRevision]) -> Finding:
    item = silent[0]
    up = item.round_trip.upgrade
    env = f"{project.script_location}/env.py"
    edited = any(file.path == env for file in facts.files)
    rows = several(up.stamped) if up.stamped else "no row"
    kept = "" if up.changed else " Nothing that it did was committed."
    return Finding(
        path=env if edited else item.path,
        line=first_added_line(facts, env, 1) if edited else item.anchors.upgrade,
        title=f"The upgrade of {code(item.revision)} succeeds and leaves the database where it was"
        if not up.changed
        else f"The upgrade of {code(item.revision)} succeeds and the version table does not say so",
        message=f"After the upgrade of {several([one.revision for one in silent])} the version "
        f"table holds {rows}; Alembic's graph says {several(up.expected)}.{kept} "
        f"No error was raised.",
        subject=item.revision,
        confidence=Confidence.OBSERVED,
        project=project.config,
        revision=item.revision,
        count=len(silent),
        remedies=(
            Remedy(f"Commit in {code(env)}", block(_COMMITTING, "python")),
            Remedy(
                "Take COMMIT and ROLLBACK out of the revision",
                "Where the revision ends the transaction itself, Alembic's own row is lost with "
                "it. For a statement that cannot run inside one:\n\n"
                + block("with op.get_context().autocommit_block():\n    op.execute(...)", "python"),
            ),
        ),
    )
