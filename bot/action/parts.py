"""Facts of several jobs (projects, versions of PostgreSQL) as one verdict. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from bot.facts import Facts, NotChecked
from bot.facts.merge import merged
from bot.facts.serial import BadFacts
from bot.judge import judge
from bot.summary import summarise
from bot.verdict import Judged, Judging, Outcome, Verdict

_WORST_FIRST = (Outcome.FAIL, Outcome.ERROR, Outcome.PASS, Outcome.SKIP)


def judged(parts: Sequence[Facts], judging: Judging) -> Verdict:
    """The verdict on all parts: what one server shows counts, even if others do not show it.

    Raises:
        BadFacts: they are of different commits.
    """
    merged(parts)  # of one change?
    groups = _by_major(parts)
    verdicts = {major: judge(merged(group), judging) for major, group in groups.items()}
    if len(verdicts) == 1:
        return next(iter(verdicts.values()))
    worst = min(verdicts.values(), key=lambda verdict: _WORST_FIRST.index(verdict.verdict))
    whole = replace(
        worst,
        findings=_findings(verdicts),
        not_checked=tuple(
            dict.fromkeys(entry for verdict in verdicts.values() for entry in verdict.not_checked)
        ),
    )
    return replace(whole, summary=summarise(whole))


def _by_major(parts: Sequence[Facts]) -> dict[str, list[Facts]]:
    """Parts by the server's major version; those that saw no server belong to the first group.

    A project that was seen twice on one version is in two groups, or its findings would be told
    twice.
    """
    groups: dict[str, list[Facts]] = {}
    for part in parts:
        if part.postgres is not None:
            major = name = part.postgres.version.partition(".")[0]
            count = 1
            while _names(groups.get(name, ())) & _names([part]):
                count += 1
                name = f"{major} ({count})"
            groups.setdefault(name, []).append(part)
    first = groups.setdefault(next(iter(groups), ""), [])
    first[:0] = [part for part in parts if part.postgres is None]
    return groups


def _names(parts: Sequence[Facts]) -> frozenset[str]:
    return frozenset(_name(item.config, item.section) for part in parts for item in part.projects)


def _findings(verdicts: dict[str, Verdict]) -> tuple[Judged, ...]:
    """Every finding once, with the versions that show it when others do not."""
    shown: dict[str, list[str]] = {}
    found: dict[str, Judged] = {}
    for major, verdict in verdicts.items():
        for item in verdict.findings:
            found.setdefault(item.fingerprint, item)
            shown.setdefault(item.fingerprint, []).append(major)
    for name, item in found.items():
        if len(shown[name]) < len(verdicts):
            only = f"Seen on PostgreSQL {', '.join(shown[name])} only."
            found[name] = replace(item, message=f"{item.message}\n\n{only}")
    order = sorted(found.values(), key=lambda item: (-item.severity.rank, item.path, item.line))
    return tuple(order)


def missing(matrix: str, parts: Sequence[Facts]) -> tuple[NotChecked, ...]:
    """Jobs of the plan that left no facts: what they were to see was not seen.

    Raises:
        BadFacts: ``matrix`` is not what ``mode: plan`` writes.
    """
    if not matrix:
        return ()
    seen = {
        (_name(project.config, project.section), major)
        for part in parts
        for project in part.projects
        for major in ("", part.postgres.version.partition(".")[0] if part.postgres else "")
    }
    unseen = [cell for cell in _cells(matrix) if cell not in seen]
    blind = [part for part in parts if not part.projects and any(e.fatal for e in part.not_checked)]
    if len(unseen) <= len(blind):  # those jobs say themselves why they saw nothing
        return ()
    return tuple(
        NotChecked(
            what=f"the project of {name}" + (f" on PostgreSQL {major}" if major else ""),
            why="no facts file tells of it",
            do="Look at the log of that job, and run it again.",
            fatal=True,
            project=name.partition("#")[0],
        )
        for name, major in unseen
    )


def _cells(matrix: str) -> list[tuple[str, str]]:
    try:
        return [
            (str(cell["project"]), str(cell["postgres"])) for cell in json.loads(matrix)["include"]
        ]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadFacts("input matrix: is not the output `matrix` of `mode: plan`") from None


def _name(config: str, section: str) -> str:
    return config if section == "alembic" else f"{config}#{section}"
