"""Autogenerate's request to adjust the revision was still in it.

It guesses: a rename comes as a drop and an add, and what it does not see (CHECKs, enum values,
triggers, data) is not there. The marker is the sign that nobody has looked yet.

Read both functions, correct them, and take the markers out.

Reference: https://alembic.sqlalchemy.org/en/latest/autogenerate.html#what-does-autogenerate-detect-and-what-does-it-not-detect
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.facts import Change, Facts
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.source import Comment, comments
from bot.wording import code

SEVERITY = Severity.NOTE
PACK = "process"
PRESETS = (2, 3, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a revision, at the first of its markers."""
    for project in facts.projects:
        for revision in project.revisions:
            source = facts.source(revision.path)
            if revision.change is Change.DELETED or source is None or source.head is None:
                continue
            found = _markers(source.head)
            if not found or (source.base is not None and _markers(source.base)):
                continue
            yield Finding(
                path=revision.path,
                line=found[0].line,
                title="Autogenerate's markers are still in the revision",
                message=f"{code(found[0].text.strip('# '))}: whether somebody did cannot be seen.",
                subject=revision.revision,
                confidence=Confidence.CERTAIN,
                project=project.config,
                revision=revision.revision,
                count=len(found),
                remedies=(
                    Remedy(
                        "Read it and take them out",
                        "Hold `upgrade` against the models and `downgrade` against `upgrade`;"
                        " then delete the lines that begin with `# ###`.",
                    ),
                ),
            )


def _markers(text: str) -> list[Comment]:
    """The lines that Alembic's renderer puts above what it generated."""
    return [item for item in comments(text) if item.text.endswith("please adjust! ###")]
