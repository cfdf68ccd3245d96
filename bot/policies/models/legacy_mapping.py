"""A new mapping was written in the style of SQLAlchemy 1.

`Column` without `Mapped[...]` tells a type checker nothing, so wrong types and forgotten NULLs
pass; `Query` is kept for old code alone, and asyncio's session has no such method.

Write `name: Mapped[...] = mapped_column(...)` and `session.scalars(select(...))`.

Reference: https://docs.sqlalchemy.org/en/20/changelog/migration_20.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.explain.python.declared import ChangedSource, Declared, changed_sources, declared, modern
from bot.explain.python.rewritten import with_annotation
from bot.explain.schema.python_types import mapped_annotation
from bot.facts import Facts, Project
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.source import Expression, SourceFile
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "async-models"
PRESETS = (4,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a column and one a query, in projects with SQLAlchemy 2 or later."""
    for model in declared(facts):
        if modern(model.models) and model.mapped.style != "sqlmodel":
            yield from _columns(model)
    for project in facts.projects:
        if project.models is not None and modern(project.models):
            names = frozenset(item.name for item in project.models.classes)
            for source in changed_sources(facts):
                yield from _queries(project, source, names)
            return  # of several projects the first speaks for files that all may share


def _columns(model: Declared) -> Iterator[Finding]:
    for attribute, before in model.attributes():
        plain = attribute.annotation is None and attribute.calls("Column")
        if not plain or (before is not None and before.calls("Column")):
            continue
        column = model.column(attribute.name)
        told = with_annotation(attribute, mapped_annotation(column), "mapped_column")
        yield model.finding(
            attribute,
            title=f"{code(model.source.name + '.' + attribute.name)} is a plain `Column`",
            message="Type checkers see `Column` here and nothing of what the attribute holds.",
            remedies=(Remedy("Write it as SQLAlchemy 2 does", block(told, "python")),),
        )


def _queries(project: Project, source: ChangedSource, names: frozenset[str]) -> Iterator[Finding]:
    old = Counter(name for _, name in _asked(source.base, names)) if source.base else Counter()
    for use, name in _asked(source.head, names):
        if old[name] > 0:
            old[name] -= 1
            continue
        yield Finding(
            path=source.head.path,
            line=use.line,
            title=f"{code(name)} is asked for by `Query`",
            message="`Query` is SQLAlchemy's legacy interface; an `AsyncSession` does not have it.",
            subject=f"query {name}",
            confidence=Confidence.CERTAIN,
            project=project.config,
            remedies=(
                Remedy(
                    "Ask by select()",
                    block(
                        f"from sqlalchemy import select\n\nsession.scalars(select({name})).all()",
                        "python",
                    ),
                ),
            ),
        )


def _asked(file: SourceFile, names: frozenset[str]) -> Iterator[tuple[Expression, str]]:
    """``session.query(Model)`` and ``Model.query``, each with the mapped class's name."""
    for use in file.uses:
        if use.last != "query":
            continue
        parts = use.name.split(".")
        first = use.positional[0].name if use.positional else ""
        if use.kind == "call":
            parts = [*first.split("."), ""]
        asked = next((item for item in parts[:-1] if item in names), None)
        if asked is not None:
            yield use, asked
