"""A step that the running release does not bear came together with the code that needs it.

While the release goes out, old and new code run side by side on one schema. A step that only the
new code can live with breaks the old one, however short the time is, and a rollback of the code
then meets a schema that it no longer knows.

Ship it in two pull requests, deployed one after the other: the code that is content with both
schemas, then the step.

Reference: https://martinfowler.com/bliki/ParallelChange.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.releases.breaking import Break, breaks, model_at
from bot.explain.statements.group import finding
from bot.facts import Change, Facts
from bot.policy import Finding, Remedy, Severity
from bot.wording import code, several

SEVERITY = Severity.NOTE
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each table whose model changes with such a step."""
    edited = tuple(
        file.path
        for file in facts.files
        if file.path.endswith(".py") and file.change is not Change.DELETED
    )
    for item in breaks(facts):
        before, after = model_at(item.upgraded, item.table)
        models = item.upgraded.project.models
        if before is None or models is None or models.unread or before == after:
            continue
        classes = [
            each.path
            for each in models.classes
            if each.table in (item.table, after.name if after else "") and each.path in edited
        ]
        if classes or after is None:
            yield _finding(item, tuple(dict.fromkeys(classes)))


def _finding(item: Break, paths: tuple[str, ...]) -> Finding:
    where = f" in {several(paths)}" if paths else ""
    revision = code(item.upgraded.revision.revision)
    return finding(
        item.ran,
        title=f"{revision} and the code that needs it come in one pull request",
        message=f"{item.words}, and the same pull request changes the model of "
        f"{code(item.table)}{where}. Until the last process of the old release is gone, one of the "
        "two fails.",
        about=f"contract:{item.table}",
        tables=(item.table,),
        confidence=item.ran.confidence,
        remedies=(
            Remedy(
                "Part it into two pull requests",
                "1. The models that are content with both schemas (the column unmapped, or "
                f"optional), deployed.\n2. {revision}, in the release after it.",
                trade_off="One more release, and a rollback that works.",
            ),
        ),
    )
