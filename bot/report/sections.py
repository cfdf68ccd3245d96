"""What the reports for people show of a verdict, before it is laid out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.explain.releases.releases import release_order
from bot.facts import Change, ChangedRevision, Facts, Project, State, Statement
from bot.markup import sentence
from bot.policy import Severity
from bot.verdict import Judged, Outcome, Verdict
from bot.wording import code, prose, several

WORDS = {
    Severity.BLOCK: ("blocking finding", "blocking findings"),
    Severity.WARN: ("warning", "warnings"),
    Severity.NOTE: ("note", "notes"),
}

PROJECTS = 5  # whose environments the last line describes; the JSON report describes all


@dataclass(frozen=True)
class Trip:
    """One line of the table of round trips; states as facts, ``left`` the labels of residue."""

    project: str
    revision: str
    message: str
    upgrade: State
    downgrade: State
    reupgrade: State
    left: tuple[str, ...]
    path: str


def counted(findings: Sequence[Judged]) -> str:
    """``2 blocking findings, 1 warning``; empty when there are none."""
    parts = []
    for severity, (one, many) in WORDS.items():
        number = sum(item.severity is severity for item in findings)
        if number:
            parts.append(f"{number} {one if number == 1 else many}")
    return ", ".join(parts)


def headline(verdict: Verdict) -> str:
    """The verdict in a few words."""
    found = counted(verdict.counting)
    return {
        Outcome.FAIL: found,
        Outcome.ERROR: "not everything could be checked" + (f"; {found}" if found else ""),
        Outcome.SKIP: "nothing to check" + (f"; {found}" if found else ""),
        Outcome.PASS: f"passed, with {found}" if found else "passed",
    }[verdict.verdict]


def trips(facts: Facts) -> tuple[Trip, ...]:
    """The round trips of all changed revisions, in the order of projects and revisions."""
    return tuple(
        _trip(project, revision)
        for project in facts.projects
        for revision in project.revisions
        if revision.change is not Change.DELETED
    )


def orders(facts: Facts) -> tuple[str, ...]:
    """How migration and code must be deployed, a Markdown sentence for each project that cares.

    That the migration goes first is what everybody does: it goes unsaid.
    """
    found = []
    for project in facts.projects:
        order = release_order(project)
        if order is not None and order[0] in _UNUSUAL:
            where = f" ({code(project.config)})" if len(facts.projects) > 1 else ""
            found.append(f"**{_UNUSUAL[order[0]]}**{where}: {sentence(prose(order[1]), 400)}.")
    return tuple(found)


_UNUSUAL = {
    "code first": "Deploy the code before the migration",
    "cannot roll": "No order of deploying code and migration avoids errors",
}


def _trip(project: Project, revision: ChangedRevision) -> Trip:
    trip = revision.round_trip
    return Trip(
        project=project.config,
        revision=revision.revision,
        message=revision.message,
        upgrade=trip.upgrade.state,
        downgrade=trip.downgrade.state,
        reupgrade=trip.reupgrade.state,
        left=tuple(difference.label for difference in trip.residue),
        path=revision.path,
    )


def statements(facts: Facts) -> Iterator[Statement]:
    """Every statement of the first way up and the way down of every changed revision."""
    for project in facts.projects:
        for revision in project.revisions:
            yield from revision.round_trip.upgrade.statements
            yield from revision.round_trip.downgrade.statements


def sent(facts: Facts, finding: Judged) -> tuple[Statement, ...]:
    """The statements that the finding's line sent, unless its message quotes them already."""
    here = tuple(
        item
        for item in statements(facts)
        if item.path == finding.path and item.line == finding.line and item.sql.strip()
    )
    quoted = any(item.sql.strip() in finding.message for item in here)
    return () if quoted else here


def excerpt(facts: Facts, finding: Judged, most: int = 6) -> tuple[tuple[int, str], ...]:
    """The head's lines that the finding is about, numbered; empty when the text is not known."""
    source = facts.source(finding.path)
    lines = (source.head or "").split("\n") if source else []
    last = min(finding.end_line, finding.line + most - 1, len(lines))
    return tuple((number, lines[number - 1].rstrip()) for number in range(finding.line, last + 1))


def ground(verdict: Verdict) -> tuple[str, ...]:
    """On what the verdict stands: server, environment, what was supplied, time; as Markdown."""
    facts = verdict.facts
    parts = []
    if facts.postgres:
        parts.append(f"PostgreSQL {_word(facts.postgres.version)} ({_word(facts.postgres.source)})")
        if facts.postgres.stand_ins:
            parts.append(f"stand-ins for the extensions {several(facts.postgres.stand_ins)}")
    for project in facts.projects[:PROJECTS]:
        name = f" of {code(project.config)}" if len(facts.projects) > 1 else ""
        if project.environment != "project":
            why = f" ({code(project.environment_note)})" if project.environment_note else ""
            parts.append(f"built-in environment instead of the env.py{name}{why}")
        if project.assumed:
            parts.append(f"settings supplied to the env.py{name}: {several(project.assumed, 8)}")
    if facts.sandbox != "full":
        parts.append(f"sandbox: {_word(facts.sandbox)}")
    parts.append(compared(facts))
    total = facts.timings_ms.get("total")
    if total:
        parts.append(f"{total / 1000:.1f} s")
    parts.append(f"db-recheck {_word(facts.tool_version)}")
    return tuple(parts)


def _word(text: str) -> str:
    """The text as it is when it is plain, in a code span otherwise."""
    return text if re.fullmatch(r"[A-Za-z0-9 .,:;+()-]{1,100}", text) else code(text)


def compared(facts: Facts) -> str:
    """What was checked against what."""
    head = "working tree" if facts.head == "worktree" else code(facts.head[:9])
    base = code(facts.base_name, 80)
    known = f" ({code(facts.base[:9])})" if facts.base_name != facts.base else ""
    if facts.conflicts:
        return f"{head} alone, as it does not merge into {base}{known}"
    return f"{head} merged into {base}{known}"
