"""What the people behind a change wrote: docstrings, commits, the pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bot.explain.history.revisions import present
from bot.facts import Change, ChangedRevision, Facts, Project
from bot.policy import Confidence, Finding, Remedy, Severity

# Lines that Alembic's template writes into a docstring.
_TEMPLATE = re.compile(
    r"\s*(revision id|revises|create date|branch labels?|depends on)\s*:", re.IGNORECASE
)
_NUMBER = re.compile(r"#[1-9]\d*\b|\bGH-[1-9]\d*\b|\b[A-Z][A-Z0-9]{1,9}-[1-9]\d*\b|/issues/\d+\b")
_DIRECT = "[direct]"


def added(facts: Facts) -> Iterator[tuple[Project, ChangedRevision]]:
    """The revisions that the change adds, merges of heads left out."""
    for project in facts.projects:
        for item in present(project):
            if item.change is Change.ADDED and not item.is_merge:
                yield project, item


def first_added(facts: Facts) -> tuple[Project, ChangedRevision] | None:
    """Where a finding about the whole change sits: its first revision."""
    return next(added(facts), None)


def description(item: ChangedRevision) -> str:
    """The docstring without its first line and without what Alembic's template writes."""
    _, _, rest = item.doc.strip().partition("\n")
    lines = (line for line in rest.splitlines() if not _TEMPLATE.match(line))
    return "\n".join(lines).strip()


def texts(facts: Facts, *items: ChangedRevision) -> str:
    """All that is said: the revisions' docstrings, the commits, the pull request."""
    parts = [part for item in items for part in (item.doc, item.message)]
    parts += [commit.message for commit in facts.commits]
    if facts.pull_request:
        parts += [facts.pull_request.title, facts.pull_request.body]
    return "\n".join(parts)


def says(text: str, words: Iterable[str]) -> bool:
    """Whether one of the words stands in the text, in whatever case and with whatever ending."""
    flat = " ".join(text.split())
    return any(re.search(rf"\b{re.escape(word)}", flat, re.IGNORECASE) for word in words)


def names_issue(text: str, pattern: str | None) -> bool:
    """Whether the text refers to an issue: by the team's pattern, else as GitHub or trackers do."""
    return bool(re.search(pattern, text) if pattern else _NUMBER.search(text))


def marked_direct(facts: Facts) -> bool:
    """Whether the pull request is marked as a direct experiment."""
    pull = facts.pull_request
    return pull is not None and (
        _DIRECT in pull.title.lower() or any(label.lower() == "db-direct" for label in pull.labels)
    )


def of_revision(
    project: Project,
    item: ChangedRevision,
    *,
    title: str,
    message: str,
    remedies: tuple[Remedy, ...],
    about: str,
    severity: Severity | None = None,
    path: str | None = None,
    confidence: Confidence = Confidence.CERTAIN,
    count: int = 1,
) -> Finding:
    """A finding about what is said, or left unsaid: on the first line of the revision's file."""
    return Finding(
        path=path or item.path,
        line=1,
        title=title,
        message=message,
        subject=f"{item.revision}:{about}",
        confidence=confidence,
        severity=severity,
        project=project.config,
        revision=item.revision,
        count=count,
        remedies=remedies,
    )
