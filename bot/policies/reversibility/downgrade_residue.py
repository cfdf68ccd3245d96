"""After upgrade and downgrade the schema was not what it was before.

A database that was rolled back differs from one that never went up: the next upgrade may fail on
what is left, and what was lost is missed by the old code. Every such database drifts by itself.

Let the downgrade undo each change of the upgrade. An enum value cannot be dropped: recreate the
type without it.

Reference: https://www.postgresql.org/docs/current/sql-altertype.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.explain.code.undo import take_back
from bot.explain.history.downgrade import is_missing
from bot.explain.history.revisions import last_added, present
from bot.explain.schema.enums import added_values, recreate
from bot.explain.schema.objects import labels, listed, tables
from bot.facts import ChangedRevision, Difference, Facts, Project, State
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.BLOCK
PRESETS = (1, 2, 3, 4, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """For each revision one finding on what can be undone, and one on added enum values."""
    for project in facts.projects:
        alone = False
        for item in present(project):
            down = item.round_trip.downgrade
            if down.state is State.OK and not is_missing(item) and item.round_trip.residue:
                alone = True
                yield from _findings(project, item, item.round_trip.residue, code(item.revision))
        last, whole = last_added(project), project.whole
        if whole and last and not alone and whole.downgrade.state is State.OK:
            known = any(is_missing(item) for item in present(project))
            if whole.residue and not known:
                yield from _findings(project, last, whole.residue, "the whole change")


def _findings(
    project: Project, item: ChangedRevision, residue: Sequence[Difference], what: str
) -> Iterator[Finding]:
    values = [each for each in residue if added_values(each)]
    rest = [each for each in residue if each not in values]
    if rest:
        yield _finding(project, item, rest, what)
    if values:
        yield _values(project, item, values, what)


def _finding(
    project: Project, item: ChangedRevision, residue: Sequence[Difference], what: str
) -> Finding:
    left = [each for each in residue if each.before is None]
    if left:
        rest = len(residue) - len(left)
        more = f" and {rest} more change{'s' if rest > 1 else ''}" if rest else ""
        effect = f"leaves {labels(left)} behind{more}"
    else:
        effect = f"does not restore {labels(residue)}"
    return Finding(
        path=item.path,
        line=item.anchors.downgrade,
        title=f"The downgrade of {what} {effect}",
        message=f"After upgrade and downgrade of {what} the schema differs from the start:"
        f"\n\n{listed(residue, 'left behind', 'gone', ('was', 'is'))}",
        subject=what,
        confidence=Confidence.OBSERVED,
        project=project.config,
        revision=item.revision,
        tables=tables(residue),
        count=len(residue),
        remedies=(Remedy("Undo it in the downgrade", block(take_back(residue), "python")),),
    )


def _values(
    project: Project, item: ChangedRevision, values: Sequence[Difference], what: str
) -> Finding:
    added = {each.name: added_values(each) for each in values}
    told = "; ".join(f"{code(name)} keeps {code(', '.join(new))}" for name, new in added.items())
    return Finding(
        path=item.path,
        line=item.anchors.downgrade,
        title=f"The downgrade of {what} cannot take back an enum value",
        message=f"{told}. PostgreSQL adds values to an enum type and never drops one. Old code "
        "does not know it; rows that use it will reach old code after a rollback.",
        subject=f"{what}: enum values",
        confidence=Confidence.OBSERVED,
        severity=Severity.WARN,
        project=project.config,
        revision=item.revision,
        count=len(values),
        remedies=(
            Remedy(
                "Recreate the type without it",
                block("\n\n".join(recreate(each) for each in values), "python"),
                trade_off="Rewrites every column of that type under an exclusive lock, and fails "
                "while a row still uses the value.",
            ),
            Remedy(
                "Keep it, and say so",
                code(
                    f"# db-recheck: allow downgrade-residue: {', '.join(map(str, added))} keeps"
                    " its new value, old code never writes it"
                ),
                trade_off="Going up again must not fail: use `ADD VALUE IF NOT EXISTS`.",
            ),
        ),
    )
