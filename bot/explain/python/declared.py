"""What is new in the model files of a change: each mapped class beside its own source and base's.

A class or an attribute counts as new where base has it not, or otherwise; one that only moved to
another file does not. Files that cannot be parsed are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.facts import Facts, Project
from bot.facts.models import MappedClass, ModelColumn, Models, ModelTable, Relationship
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.source import Attribute, ClassSource, SourceFile, read_source

COLUMN = ("mapped_column", "Column")
RELATIONSHIP = ("relationship", "Relationship")


@dataclass(frozen=True)
class ChangedSource:
    """A changed file that is no revision; ``base`` is None where base has it not."""

    head: SourceFile
    base: SourceFile | None

    def before(self, qualname: str) -> ClassSource | None:
        """Base's class of that qualified name, or None."""
        return self.base.named(qualname) if self.base else None


@dataclass(frozen=True)
class Declared:
    """A mapped class of a changed file; ``before`` is base's source of it, None for a new one.

    ``base_mapped`` and ``base_table`` are what base's metadata says of the same class.
    """

    project: Project
    models: Models
    mapped: MappedClass
    table: ModelTable
    file: SourceFile
    source: ClassSource
    before: ClassSource | None = None
    base_mapped: MappedClass | None = None
    base_table: ModelTable | None = None

    def attributes(self) -> Iterator[tuple[Attribute, Attribute | None]]:
        """Attributes of its own source that are new or changed, each with base's."""
        for item in self.source.attributes:
            old = self.before.attribute(item.name) if self.before else None
            if old is None or old.code != item.code:
                yield item, old

    def column(self, attribute: str) -> ModelColumn | None:
        """The column that the attribute maps, or None."""
        return _column(self.table, attribute)

    def base_column(self, attribute: str) -> ModelColumn | None:
        """What base's metadata has for it, or None."""
        return _column(self.base_table, attribute)

    def relationship(self, attribute: str) -> Relationship | None:
        """The relationship of that name, or None."""
        return _relationship(self.mapped, attribute)

    def base_relationship(self, attribute: str) -> Relationship | None:
        """What base's mapper has for it, or None."""
        return _relationship(self.base_mapped, attribute)

    def finding(
        self,
        place: Attribute | ClassSource,
        *,
        title: str,
        message: str,
        remedies: tuple[Remedy, ...],
        confidence: Confidence = Confidence.CERTAIN,
        severity: Severity | None = None,
    ) -> Finding:
        """A finding about the class or about one of its attributes, on its line."""
        attribute = place if isinstance(place, Attribute) else None
        column = self.column(attribute.name) if attribute else None
        name = self.source.qualname
        return Finding(
            path=self.file.path,
            line=place.line,
            end_line=attribute.end_line if attribute else None,
            title=title,
            message=message,
            subject=f"{name}.{attribute.name}" if attribute else name,
            confidence=confidence,
            severity=severity,
            project=self.project.config,
            tables=(self.table.name,),
            column=column.name if column else None,
            remedies=remedies,
        )


def changed_sources(facts: Facts) -> tuple[ChangedSource, ...]:
    """The changed model files that can be parsed, revisions and env.py left out."""
    places = tuple(
        folder.rstrip("/") + "/"
        for project in facts.projects
        for folder in (project.script_location, *project.version_locations)
        if folder
    )
    renamed = {item.path: item.old_path or item.path for item in facts.files}
    found = []
    for item in facts.sources:
        if item.head is None or item.cut or item.path.startswith(places):
            continue
        head = read_source(item.head, item.path)
        old = renamed.get(item.path, item.path)
        base = read_source(item.base, old) if item.base is not None else None
        if head.problem is None and not (base and base.problem):
            found.append(ChangedSource(head, base))
    return tuple(found)


def declared(facts: Facts) -> Iterator[Declared]:
    """Every mapped class of the changed files, once, in the order of the files and lines."""
    sources = {item.head.path: item for item in changed_sources(facts)}
    removed = {
        item.path: read_source(item.base, item.path)
        for item in facts.sources
        if item.head is None and item.base is not None
    }
    bases = {item.base.path: item.base for item in sources.values() if item.base} | removed
    seen: set[tuple[str, str]] = set()
    for project in facts.projects:
        models = project.models
        for mapped in models.classes if models else ():
            file = sources.get(mapped.path)
            source = file.head.named(mapped.qualname) if file else None
            table = models.table(mapped.table) if models else None
            if not (models and file and source and table):
                continue
            if (mapped.path, mapped.qualname) in seen:
                continue
            seen.add((mapped.path, mapped.qualname))
            old = _at_base(project, mapped)
            before = file.before(mapped.qualname)
            if before is None and old is not None:  # moved; from where is not always seen
                came = bases.get(old.path)
                before = came.named(old.qualname) if came else source
            base = project.base_models
            base_table = base.table(mapped.table) if base else None
            yield Declared(
                project, models, mapped, table, file.head, source, before, old, base_table
            )


def new_classes(facts: Facts) -> Iterator[Declared]:
    """The mapped classes that base has not."""
    return (item for item in declared(facts) if item.before is None)


def modern(models: Models) -> bool:
    """Whether the project has SQLAlchemy 2 or later."""
    major = (models.versions or {}).get("sqlalchemy", "").partition(".")[0]
    return major.isdigit() and int(major) >= 2  # noqa: PLR2004 - the release that has Mapped


def _at_base(project: Project, mapped: MappedClass) -> MappedClass | None:
    classes = project.base_models.classes if project.base_models else ()
    alike = [item for item in classes if (item.name, item.table) == (mapped.name, mapped.table)]
    return next((item for item in alike if item.path == mapped.path), alike[0] if alike else None)


def _column(table: ModelTable | None, attribute: str) -> ModelColumn | None:
    columns = table.columns if table else ()
    return next((item for item in columns if item.attribute == attribute), None)


def _relationship(mapped: MappedClass | None, attribute: str) -> Relationship | None:
    relationships = mapped.relationships if mapped else ()
    return next((item for item in relationships if item.name == attribute), None)
