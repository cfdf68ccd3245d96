"""What a team's own policy wrote to its pipe, read as a stranger's words. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

import msgspec

from bot.facts import Facts
from bot.markup import harmless, sentence
from bot.policy import Confidence, Finding, Remedy, Severity

MOST_FINDINGS = 200
MOST_BYTES = 1024 * 1024  # of all that one policy says

_Short = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
_Long = Annotated[str, msgspec.Meta(max_length=8000)]
_Line = Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]


class NotUnderstood(Exception):
    """It is not what a policy says; the message says why, as the rest of a sentence."""


class _Remedy(msgspec.Struct, forbid_unknown_fields=True):
    title: _Short
    text: _Long = ""
    trade_off: _Long = ""


class _Finding(msgspec.Struct, forbid_unknown_fields=True):
    path: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]
    line: _Line
    title: _Short
    message: _Long
    subject: _Short
    confidence: Confidence
    severity: Severity | None = None
    end_line: _Line | None = None
    project: str | None = None
    revision: str | None = None
    tables: Annotated[tuple[_Short, ...], msgspec.Meta(max_length=50)] = ()
    count: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1
    column: _Short | None = None
    remedies: Annotated[tuple[_Remedy, ...], msgspec.Meta(max_length=5)] = ()


class _Said(msgspec.Struct, forbid_unknown_fields=True):
    findings: Annotated[tuple[_Finding, ...], msgspec.Meta(max_length=MOST_FINDINGS)] = ()
    error: Annotated[str, msgspec.Meta(max_length=1000)] | None = None
    line: int | None = None


def findings_of(data: bytes, facts: Facts) -> tuple[Finding, ...]:
    """The findings, their text made harmless; a patch is never taken from there.

    Raises:
        NotUnderstood: the policy raised, or what was written is not what a policy says, or speaks
            of files, projects or revisions that are not those of the change.
    """
    if len(data) > MOST_BYTES:
        raise NotUnderstood(f"it wrote more than {MOST_BYTES} bytes")
    try:
        said = msgspec.json.decode(data, type=_Said)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        why = " ".join(str(error).split())[:200] if data else "it ended without a word"
        raise NotUnderstood(f"what it wrote is not what a policy says: {why}") from None
    if said.error is not None:
        at = f" in its line {said.line}" if said.line else ""
        raise NotUnderstood(f"it raised{at}: {' '.join(said.error.split())[:300]}")
    paths = _paths(facts)
    projects = {project.config for project in facts.projects}
    revisions = {item.revision for project in facts.projects for item in project.revisions}
    return tuple(_checked(item, paths, projects, revisions) for item in said.findings)


def _paths(facts: Facts) -> frozenset[str]:
    """The files that a finding may point at: those of the change."""
    named = {source.path for source in facts.sources} | {file.path for file in facts.files}
    return frozenset(
        named | {item.path for project in facts.projects for item in project.revisions}
    )


def _checked(
    item: _Finding, paths: Collection[str], projects: set[str], revisions: set[str]
) -> Finding:
    for kind, value, known in (
        ("file", item.path, paths),
        ("project", item.project, projects),
        ("revision", item.revision, revisions),
    ):
        if value is not None and value not in known:
            raise NotUnderstood(
                f"it speaks of the {kind} {value[:100]!r}, which is none of the change"
            )
    return Finding(
        path=item.path,
        line=item.line,
        title=sentence(item.title, 300),
        message=harmless(item.message, 8000),
        subject=item.subject,
        confidence=item.confidence,
        severity=item.severity,
        end_line=item.end_line,
        project=item.project,
        revision=item.revision,
        tables=item.tables,
        count=item.count,
        column=item.column,
        remedies=tuple(
            Remedy(sentence(each.title, 300), harmless(each.text), harmless(each.trade_off))
            for each in item.remedies
        ),
    )
