"""SQL was built from a value that is not the file's own.

Whoever decides the value decides the statement: a quote in a name ends the literal, and what
follows runs with the rights of the role that migrates. An ordinary apostrophe is enough to fail.

Send values as bound parameters and quote identifiers with the dialect's own function.

Reference: https://docs.sqlalchemy.org/en/20/core/sqlelement.html#sqlalchemy.sql.expression.text
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.python.dataflow import Grade
from bot.explain.python.interpolation import Built, built
from bot.facts import Change, Facts, Project, Source
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.BLOCK
PRESETS = (5,)

_BOUND = """op.get_bind().execute(
    sa.text("UPDATE … SET name = :name WHERE id = :id"),
    {"name": name, "id": id},
)"""
_QUOTED = """quote = op.get_bind().dialect.identifier_preparer.quote
op.execute(f"COMMENT ON TABLE {quote(name)} IS 'checked'")"""


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each call in a migration or a model file that the change wrote."""
    revisions = {
        item.path: (project, item.revision)
        for project in facts.projects
        for item in project.revisions
    }
    for source in facts.sources:
        if source.head is None or not source.path.endswith(".py"):
            continue
        project, revision = revisions.get(source.path, (None, None))
        lines = _written(facts, source)
        for item in built(source.head, public=revision is None):
            if lines is None or item.line in lines:
                yield _told(source, item, project, revision)


def _written(facts: Facts, source: Source) -> frozenset[int] | None:
    """The lines that the change added; None for all of a new file."""
    file = next((each for each in facts.files if each.path == source.path), None)
    if source.base is None or file is None or file.change is Change.ADDED:
        return None
    return frozenset(file.added)


def _told(source: Source, item: Built, project: Project | None, revision: str | None) -> Finding:
    foreign = item.grade is Grade.FOREIGN
    sure = (
        "It comes from outside the code: a row, the environment, or whoever calls the function."
        if foreign
        else "Where it comes from is not in this file; a list of constants, or the dialect's"
        " `quote`, would make it certain."
    )
    return Finding(
        path=source.path,
        line=item.line,
        title=f"{code(item.part)} is put into SQL by {item.how}",
        message=f"The statement is built with {item.how} from {code(item.part)}. {sure}",
        subject=f"{source.path}:{item.part}",
        confidence=Confidence.CERTAIN if foreign else Confidence.LIKELY,
        severity=None if foreign else Severity.WARN,
        project=project.config if project else None,
        revision=revision,
        remedies=(
            Remedy("Send a value as a parameter", block(_BOUND, "python")),
            Remedy("Quote a name", block(_QUOTED, "python")),
        ),
    )
