"""Several new revisions ran in one transaction, so that the locks of the first last to the end.

Alembic runs all of an upgrade in a single transaction unless env.py says otherwise. Revisions that
were split so that each lock is short are then one long transaction all the same.

Set `transaction_per_migration=True` in env.py: each revision commits before the next begins.

Reference: https://alembic.sqlalchemy.org/en/latest/api/runtime.html#alembic.runtime.environment.EnvironmentContext.configure
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.explain.statements.group import finding
from bot.explain.statements.locks import mode_name, nobody_can
from bot.explain.statements.ran import Ran, ran
from bot.facts import Direction, Facts, Project
from bot.facts.locks import blocks, strongest
from bot.policy import DEFAULTS, Confidence, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.WARN
PRESETS = (5,)

_CONFIGURE = (
    "context.configure(\n    connection=connection,\n    target_metadata=target_metadata,\n"
    "    transaction_per_migration=True,\n)"
)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each project, at the first revision that runs under another's lock."""
    statements = ran(facts, options)
    for project in facts.projects:
        if project.transaction_per_migration is not False:
            continue
        own = [
            each
            for each in statements
            if each.project is project and each.statement.direction is Direction.UPGRADE
        ]
        found = _shared(own)
        if found:
            yield _finding(project, *found)


def _shared(statements: Sequence[Ran]) -> tuple[Ran, str, str, Ran] | None:
    """The first lock on an existing table that lasts into another revision.

    The statement, the table, the mode, and the first statement of that other revision. A statement
    in autocommit ends the transaction in between.
    """
    holder: tuple[Ran, str, str] | None = None
    for each in statements:
        if each.statement.transaction is None:
            holder = None
            continue
        if holder and each.revision is not holder[0].revision:
            return (*holder, each)
        for item in each.existing:
            mode = strongest(item.locks) or ""
            if holder is None and "writes" in blocks(mode):
                holder = (each, item.relation, mode)
    return None


def _finding(project: Project, holder: Ran, table: str, mode: str, later: Ran) -> Finding:
    several = [item.revision for item in project.revisions]
    return finding(
        later,
        title=f"{code(later.revision.revision)} runs under the locks of "
        f"{code(holder.revision.revision)}",
        message=f"{len(several)} revisions of this change run in one transaction, because env.py "
        f"leaves `transaction_per_migration` off. {code(mode_name(mode))} on {code(table)}, taken "
        f"by {code(holder.revision.revision)} (line {holder.line} of its file), is held until the "
        f"last of them is done: until then {nobody_can(mode)} {code(table)}.",
        about=project.config,
        tables=(table,),
        confidence=Confidence.OBSERVED if holder.observed else Confidence.CERTAIN,
        remedies=(
            Remedy(
                "Commit after each revision, in env.py",
                block(_CONFIGURE, "python"),
                "When the second fails, the first stays applied (and stamped): the next attempt "
                "goes on from there.",
            ),
            Remedy("Deploy the revisions one by one, in pull requests of their own"),
        ),
    )
