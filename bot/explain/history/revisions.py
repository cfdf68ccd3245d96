"""Where a finding sits and how revisions are looked up and called."""

from __future__ import annotations

from bot.explain.names.names import python_string
from bot.facts import Change, ChangedRevision, Facts, Failure, Project, Revision


def changed(project: Project, path: str) -> ChangedRevision | None:
    """The changed revision of that file, or None."""
    return next((item for item in project.revisions if item.path == path), None)


def present(project: Project) -> list[ChangedRevision]:
    """The changed revisions that head still has."""
    return [item for item in project.revisions if item.change is not Change.DELETED]


def failed_at(failure: Failure, path: str, line: int) -> tuple[str, int]:
    """The failure's own place where it is known, else the one given."""
    return (failure.path, failure.line or 1) if failure.path else (path, line)


def parent_line(project: Project, revision: Revision) -> int:
    """The ``down_revision`` line of that revision's file: 1 where the change did not touch it."""
    item = changed(project, revision.path)
    return item.anchors.down_revision if item else 1


def dependency_line(project: Project, revision: Revision) -> int:
    """The ``depends_on`` line of that revision's file: 1 where the change did not touch it."""
    item = changed(project, revision.path)
    return item.anchors.depends_on if item else 1


def first_added_line(facts: Facts, path: str, otherwise: int) -> int:
    """The first line that the change added to that file, else the one given."""
    file = next((item for item in facts.files if item.path == path), None)
    return file.added[0] if file and file.added else otherwise


def literal(parents: tuple[str, ...]) -> str:
    """A ``down_revision`` value as Python writes it."""
    quoted = [python_string(item) for item in parents]
    if len(quoted) > 1:
        return f"({', '.join(quoted)})"
    return quoted[0] if quoted else "None"


def first_line_of(item: ChangedRevision) -> int:
    """Where its upgrade began to do something, else where it is defined."""
    statements = item.round_trip.upgrade.statements
    lines = (each.line for each in statements if each.path == item.path and each.line)
    return next(lines, item.anchors.upgrade)


def last_added(project: Project) -> ChangedRevision | None:
    """The last changed revision that head still has: where a finding about all of them sits."""
    return next(reversed(present(project)), None)
