"""The models changed and no revision was added.

The release expects tables and columns that no deployment creates: its first query on them fails,
or a rule that the models state is not enforced.

Add the revision to this change: `alembic revision --autogenerate`, then read what it wrote.

Reference: https://alembic.sqlalchemy.org/en/latest/autogenerate.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.releases.drift import added, gaps, place, short
from bot.facts import Facts
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block

SEVERITY = Severity.BLOCK
PRESETS = (1, 2, 3, 4, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a table."""
    for project in facts.projects:
        if added(project):
            continue
        head = project.head.heads[0] if len(project.head.heads) == 1 else None
        for gap in gaps(project):
            path, line, _ = place(facts, gap)
            command = "alembic revision --autogenerate -m 'describe the change'"
            after = f'down_revision = "{head}"\n\n' if head else ""
            yield Finding(
                path=path,
                line=line,
                title=f"The model of {short(gap.table)} changed, and no revision makes it so",
                message=f"The change adds no revision, and the schema lacks what the models "
                f"state:\n\n{gap.words}",
                subject=gap.table,
                confidence=Confidence.OBSERVED,
                project=project.config,
                tables=(gap.table,),
                count=len(gap.drift),
                remedies=(
                    Remedy(
                        "Add the revision",
                        f"{block(command, 'sh')}\n\nIts upgrade has to do this:\n\n"
                        f"{block(after + gap.operations, 'python')}",
                    ),
                ),
            )
