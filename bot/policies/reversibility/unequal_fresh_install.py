"""An installation from scratch ended in another schema than an upgraded one.

Developers, tests and new customers get one database, production keeps another, and both say that
they are at the same revision. Errors then appear in one of them only.

Leave old revisions as they are, and make every change in a new one that both kinds run.

Reference: https://alembic.sqlalchemy.org/en/latest/cookbook.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.explain.code.undo import as_function, take_back
from bot.explain.history.revisions import last_added, literal
from bot.explain.schema.objects import labels, listed, tables
from bot.facts import BaseBuilt, Change, Difference, Facts, Project, State
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.BLOCK


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each project, at the edited revision where there is one."""
    for project in facts.projects:
        fresh = project.fresh
        # From models, base was never what its chain makes: an old difference, not this change's.
        compared = project.base_state.built in (BaseBuilt.CHAIN, BaseBuilt.STEPS)
        if fresh and fresh.step.state is State.OK and fresh.unequal and compared:
            yield _finding(project, fresh.unequal)


def _finding(project: Project, unequal: Sequence[Difference]) -> Finding:
    old = (item for item in project.revisions if item.change is not Change.ADDED)
    item = next(old, None) or last_added(project)
    head = project.head.heads[0] if project.head.heads else "head"
    forward = [
        Difference(each.kind, each.name, each.after, each.before, each.attribute, each.table)
        for each in unequal
    ]
    new = f'# alembic revision -m "..."\ndown_revision = {literal((head,))}\n\n\n'
    new += as_function(take_back(forward), "upgrade")
    words = listed(unequal, "only from scratch", "only upgraded", ("upgraded", "from scratch"))
    return Finding(
        path=item.path if item else project.config,
        line=item.anchors.upgrade if item and item.change is not Change.DELETED else 1,
        title=f"A new installation differs from an upgraded one in {labels(unequal)}",
        message=f"The merged chain from scratch and base's database upgraded to {code(head)} "
        f"end apart:\n\n{words}",
        subject=project.config,
        confidence=Confidence.OBSERVED,
        project=project.config,
        revision=item.revision if item else None,
        tables=tables(unequal),
        count=len(unequal),
        remedies=(
            Remedy(
                "Restore the old revision and make the change in a new one",
                "Both kinds of database then run the same steps:\n\n" + block(new, "python"),
            ),
        ),
    )
