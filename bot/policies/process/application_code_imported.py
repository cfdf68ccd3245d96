"""A revision imported the application's own code.

The revision is of its day, the code is of today: once the model has another column or the module
another place, the old revision fails or does something else, on every new installation.

Say in the revision itself what it needs: a light `sa.table(...)`, the type, the constant.

Reference: https://alembic.sqlalchemy.org/en/latest/ops.html#alembic.operations.Operations.bulk_insert
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.facts import Change, ChangedRevision, Facts, Project
from bot.facts.models import MappedClass
from bot.facts.schema import by_search_path
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.source import Imported, read_source
from bot.wording import block, code

SEVERITY = Severity.WARN


def check(facts: Facts) -> Iterator[Finding]:
    """One finding an import; what holds no model is noted."""
    for project in facts.projects:
        for revision in project.revisions:
            if revision.change is Change.DELETED or revision.same_code:
                continue
            source = facts.source(revision.path)
            if source is None or source.head is None or source.cut:
                continue
            old = {(item.module, item.name) for item in _live(project, source.base, revision)}
            lines: set[int] = set()
            for item in _live(project, source.head, revision):
                if (item.module, item.name) not in old and item.line not in lines:
                    lines.add(item.line)
                    yield _finding(project, revision, item)


def _live(project: Project, text: str | None, revision: ChangedRevision) -> list[Imported]:
    """The imports of the application's code, those for type checkers alone left out."""
    file = read_source(text or "", revision.path)
    places = {
        place.replace("/", ".")
        for place in (project.script_location, *project.version_locations)
        if place
    }
    found = []
    for item in file.imports:
        top = item.module.partition(".")[0]
        own = any(_within(item.module, place) for place in places)
        if not item.for_types and not own and (item.relative or top in project.application):
            found.append(item)
    return found


def _within(module: str, place: str) -> bool:
    """Whether the module lies in that folder, from whichever folder above it is imported."""
    parts = module.split(".")
    fronts = (".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return any(place == front or place.endswith("." + front) for front in fronts)


def _finding(project: Project, revision: ChangedRevision, item: Imported) -> Finding:
    models = project.models.classes if project.models else ()
    dotted = f"{item.module}.{item.name}" if item.name else item.module
    meant = [each for each in models if _names(item, dotted, each)]
    table = meant[0] if meant else None
    is_model = bool(meant) or project.models is None
    what = "the application's models" if meant else "code of the application"
    return Finding(
        path=revision.path,
        line=item.line,
        title=f"The revision imports {code(dotted)}",
        message=f"It takes {what} as they are on the day it runs, not as they were when it was"
        " written.",
        subject=f"{revision.revision} {dotted}",
        confidence=Confidence.CERTAIN,
        severity=None if is_model else Severity.NOTE,
        project=project.config,
        revision=revision.revision,
        tables=tuple(dict.fromkeys(each.table for each in meant)),
        remedies=(_remedy(project, table),),
    )


def _names(item: Imported, dotted: str, each: MappedClass) -> bool:
    """Whether the import brings that class: itself, its module, or a package that has it."""
    if not each.module:
        return False
    if each.module in (item.module, dotted) or each.module.endswith("." + dotted):
        return item.name in ("", each.name, "*") or each.module.endswith(item.name)
    return item.name == each.name and each.module.startswith(item.module.partition(".")[0])


def _remedy(project: Project, mapped: MappedClass | None) -> Remedy:
    table = project.models.table(mapped.table) if project.models and mapped else None
    if table is None:
        return Remedy(
            "Copy what it needs",
            "Write the constant, type or function into the revision, as it is today.",
        )
    schema, _, name = table.name.partition(".")
    columns = ", ".join(f'sa.column("{item.name}")' for item in table.columns[:6])
    where = "" if by_search_path(schema) else f', schema="{schema}"'
    text = f'{name} = sa.table("{name}", {columns}{where})'
    return Remedy("Name the table as this revision knows it", block(text, "python"))
