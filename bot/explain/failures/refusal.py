"""A step that rows made fail, in words: which rows, how to find them, what to do about them."""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.failures.failure import brief, told
from bot.explain.failures.offenders import placed
from bot.explain.failures.refusal_cures import remedies
from bot.explain.history.revisions import failed_at, present
from bot.facts import ChangedRevision, Direction, Facts, Project
from bot.facts.rows import Origin, Refusal, Trait
from bot.policy import Confidence, Finding, Severity
from bot.wording import code, several, verb

_HELD = {
    Trait.EMPTY: "empty values",
    Trait.LONG: "long texts",
    Trait.EXTREMES: "numbers at the ends of their range",
    Trait.OLD_DATES: "dates of long ago or far ahead",
    Trait.MIXED_CASE: "texts that differ in case alone",
    Trait.UNICODE: "letters outside ASCII",
    Trait.DROPPED: "a value that the new type or constraint leaves out",
}


def finding(
    project: Project, item: ChangedRevision, refusal: Refusal, weight: Severity | None
) -> Finding:
    """The finding: of the policy's own weight where it is sure, else of the one given."""
    up = refusal.direction is Direction.UPGRADE
    path, line = failed_at(
        refusal.failure, item.path, item.anchors.upgrade if up else item.anchors.downgrade
    )
    sure = refusal.trait in (Trait.ANY, Trait.SEEDED)
    return Finding(
        path=path,
        line=line,
        title=_title(item, refusal),
        message=f"{_setting(project, refusal)} {told(refusal.failure)}",
        subject=f"{item.revision} {refusal.trait.name} {refusal.table} {' '.join(refusal.columns)}",
        confidence=Confidence.OBSERVED if sure else Confidence.LIKELY,
        severity=None if sure else weight,
        project=project.config,
        revision=item.revision,
        tables=(refusal.table,) if refusal.table else (),
        column=refusal.columns[0] if len(refusal.columns) == 1 else None,
        remedies=remedies(project, item, refusal),
    )


def refused(
    facts: Facts, direction: Direction
) -> Iterator[tuple[Project, ChangedRevision, Refusal]]:
    """Every refusal in that direction, with the revision that head has."""
    for project in facts.projects:
        for refusal in project.rows.refusals if project.rows else ():
            item = next((it for it in present(project) if it.revision == refusal.revision), None)
            if refusal.direction is direction and item is not None:
                yield project, item, placed(item, refusal)


def _condition(refusal: Refusal) -> str:
    """When it fails, as the end of a sentence: "where `orders.code` is NULL"."""
    table = code(refusal.table) if refusal.table else "a table"
    columns = [f"{refusal.table}.{name}" for name in refusal.columns] if refusal.table else []
    what = several(columns) if columns else "some column"
    made = {
        Trait.ANY: f"as soon as {table} holds rows",
        Trait.SEEDED: "on the rows of `seed-sql`",
        Trait.NULLS: f"where {what} {verb(columns or ['some'], 'is', 'are')} NULL",
        Trait.DUPLICATES: f"where rows agree in {what}",
        Trait.ORPHANS: f"where {what} {verb(columns or ['some'], 'refers', 'refer')} to no row",
        Trait.LATER: "once rows were written after the upgrade",
        Trait.INVENTED: f"on ordinary rows that were made up for {table}",
    }
    if refusal.trait in made:
        return made[refusal.trait]
    hold = verb(columns or [table], "holds", "hold")
    return f"where {what if columns else table} {hold} {_held(refusal)}"


def _held(refusal: Refusal) -> str:
    if refusal.trait is Trait.DROPPED and refusal.direction is Direction.DOWNGRADE:
        return "a value that the old type or constraint does not take"
    return _HELD[refusal.trait]


def _setting(project: Project, refusal: Refusal) -> str:
    """What it was tried on, as a sentence."""
    rows = project.rows
    held = rows.table(refusal.table or "") if rows else None
    match refusal.trait:
        case Trait.ANY:
            return "On empty tables it passes; on tables with rows it stopped."
        case Trait.SEEDED:
            files = several(rows.seeds) if rows else "`seed-sql`"
            return f"On empty tables it passes; on the rows of {files} it stopped."
        case Trait.LATER:
            return (
                "On empty tables it passes, and with the rows from before the upgrade too; it "
                "stopped on those that were written after it."
            )
        case Trait.INVENTED:
            wrote = held is not None and held.origin is Origin.BASE
            origin = "that base's own revisions wrote" if wrote else "that were made up"
            return f"On empty tables it passes; on rows {origin} it stopped."
        case _ if refusal.direction is Direction.DOWNGRADE:
            return (
                "On empty tables and on ordinary rows it passes. It stopped on rows that the new "
                "schema takes and the old one does not; whether the new release writes any was "
                "not seen."
            )
        case _:
            return (
                "On empty tables and on ordinary rows it passes. It stopped on rows that base's "
                "schema allows; whether production holds any was not seen."
            )


def _title(item: ChangedRevision, refusal: Refusal) -> str:
    """The finding's title."""
    direction = refusal.direction.value
    return (
        f"The {direction} of {code(item.revision)} fails {_condition(refusal)}: "
        f"{code(brief(refusal.failure))}"
    )
