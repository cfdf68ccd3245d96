"""A verdict in one sentence that speaks of the reader's own revisions. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.facts import Change, ChangedRevision, NotChecked, State
from bot.markup import sentence
from bot.policy import Severity
from bot.verdict import Outcome, Verdict
from bot.wording import code, several


def summarise(verdict: Verdict) -> str:
    """One sentence of Markdown without a full stop's worth of jargon; names are code spans."""
    facts = verdict.facts
    if verdict.verdict is Outcome.SKIP:
        why = facts.nothing or "this change holds no migration"
        return f"Nothing to check: {_ended(sentence(why))}"
    tally = round_trips(verdict)
    if verdict.verdict is Outcome.ERROR:
        missed = _missed(verdict.not_checked, strict=not any(e.fatal for e in verdict.not_checked))
        return _ended(f"{missed}; {tally[0].lower()}{tally[1:]}" if tally else missed)
    if verdict.verdict is Outcome.FAIL and not _tells(verdict):
        first = verdict.counting[0]
        rest = len([item for item in verdict.counting if item.severity is first.severity]) - 1
        others = f" (and {rest} more)" if rest else ""
        title = sentence(first.title, 160)
        return _ended(f"{tally}, but {_within(title)}{others}" if tally else f"{title}{others}")
    return _ended(tally or "No revision is added or edited, and nothing was found")


def round_trips(verdict: Verdict) -> str:
    """How the changed revisions fared; empty when none was changed."""
    revisions = [
        revision
        for project in verdict.facts.projects
        for revision in project.revisions
        if revision.change is not Change.DELETED
    ]
    bad = [(revision, fault) for revision in revisions if (fault := trouble(revision))]
    good = len(revisions) - len(bad)
    if not revisions:
        return ""
    if not bad:
        return {
            1: f"{code(revisions[0].revision)} goes up, down and up again",
            2: "Both revisions go up, down and up again",
        }.get(good, f"All {good} revisions go up, down and up again")
    waived = {item.revision for item in verdict.waived} - {
        item.revision for item in verdict.counting if item.severity is Severity.BLOCK
    }
    told = _faults(bad, waived)
    return (
        f"{good} of {len(revisions)} revisions go up, down and up again; {told}" if good else told
    )


def trouble(revision: ChangedRevision) -> str | None:
    """What is wrong with its round trip, as a predicate ("does not come back down"), or None."""
    trip = revision.round_trip
    if trip.upgrade.state in (State.FAILED, State.MISSING):
        return "does not go up"
    if trip.upgrade.state is State.SKIPPED:
        return "was not run"
    faults = {
        State.FAILED: "does not come back down",
        State.MISSING: "has no way back down",
        State.SKIPPED: "was not run down",
    }
    if trip.downgrade.state in faults:
        return faults[trip.downgrade.state]
    if trip.residue:
        return f"leaves {several([item.label for item in trip.residue], 1)} behind"
    if trip.reupgrade.state is not State.OK:
        skipped = trip.reupgrade.state is State.SKIPPED
        return "was not run up again" if skipped else "does not go up a second time"
    return "ends in another schema the second time" if trip.unequal else None


def _faults(bad: Sequence[tuple[ChangedRevision, str]], waived: set[str | None]) -> str:
    by_fault: dict[str, list[str]] = {}
    for revision, fault in bad:
        told = f"{fault} (waived)" if revision.revision in waived else fault
        by_fault.setdefault(told, []).append(revision.revision)
    parts = [
        f"{several(names, 2)} {fault if len(names) == 1 else _plural(fault)}"
        for fault, names in list(by_fault.items())[:3]
    ]
    if len(by_fault) > 3:  # noqa: PLR2004 - a sentence holds three faults and no more
        parts.append("others fail in other ways")
    return ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]


def _plural(fault: str) -> str:
    verb, _, rest = fault.partition(" ")
    verbs = {"does": "do", "has": "have", "was": "were", "leaves": "leave", "ends": "end"}
    return f"{verbs.get(verb, verb)} {rest}"


def _tells(verdict: Verdict) -> bool:
    """Whether the round trips already say why it fails."""
    troubled = {
        revision.revision
        for project in verdict.facts.projects
        for revision in project.revisions
        if trouble(revision)
    }
    worst = verdict.counting[0].severity
    return all(item.revision in troubled for item in verdict.counting if item.severity is worst)


def _missed(entries: Sequence[NotChecked], *, strict: bool) -> str:
    missed = [entry for entry in entries if entry.fatal or strict]
    more = f" and {len(missed) - 1} more" if len(missed) > 1 else ""
    what, why = sentence(missed[0].what, 120), sentence(missed[0].why, 200)
    return f"Not checked: {what}{more}, because {why}"


def _within(title: str) -> str:
    """A title in the middle of a sentence: names keep their capitals, articles do not."""
    first, _, rest = title.partition(" ")
    article = first in {"A", "An", "The", "This", "It", "No", "One", "Two"}
    return f"{first.lower()} {rest}" if article else title


def _ended(text: str) -> str:
    return text.strip().rstrip(".")
