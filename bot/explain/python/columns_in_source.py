"""Attributes of changed model files that make columns, in mapped classes and in mixins alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.explain.python.declared import COLUMN, ChangedSource, Declared, changed_sources, declared
from bot.facts import Facts
from bot.policy import Confidence, Finding, Remedy
from bot.source import Attribute, ClassSource, SourceFile

_FIELD = frozenset({"sqlmodel.Field", "sqlmodel.main.Field"})


@dataclass(frozen=True)
class ColumnAttribute:
    """One new or changed attribute; ``before`` is base's, ``base`` base's file.

    ``model`` is what the mapper says of its class, None for a mixin.
    """

    file: SourceFile
    base: SourceFile | None
    owner: ClassSource
    attribute: Attribute
    before: Attribute | None
    model: Declared | None
    project: str | None

    @property
    def name(self) -> str:
        """``Class.attribute``."""
        return f"{self.owner.name}.{self.attribute.name}"

    def finding(self, *, title: str, message: str, remedies: tuple[Remedy, ...]) -> Finding:
        """A finding at the attribute."""
        if self.model is not None:
            return self.model.finding(
                self.attribute, title=title, message=message, remedies=remedies
            )
        return Finding(
            path=self.file.path,
            line=self.attribute.line,
            end_line=self.attribute.end_line,
            title=title,
            message=message,
            subject=f"{self.owner.qualname}.{self.attribute.name}",
            confidence=Confidence.CERTAIN,
            project=self.project,
            remedies=remedies,
        )


def column_attributes(facts: Facts) -> Iterator[ColumnAttribute]:
    """Every attribute that ``mapped_column``, ``Column`` or SQLModel's ``Field`` makes."""
    models = {(item.file.path, item.source.qualname): item for item in declared(facts)}
    config = {item.file.path: item.project.config for item in models.values()}
    for source in changed_sources(facts):
        for owner in source.head.all_classes:
            model = models.get((source.head.path, owner.qualname))
            for attribute, before in _attributes(source, owner, model):
                if makes_column(attribute):
                    yield ColumnAttribute(
                        source.head,
                        source.base,
                        owner,
                        attribute,
                        before,
                        model,
                        config.get(source.head.path),
                    )


def makes_column(attribute: Attribute) -> bool:
    """Whether its value is the call that makes a column."""
    value = attribute.value
    is_field = value is not None and value.kind == "call" and value.name in _FIELD
    return is_field or attribute.calls(*COLUMN) is not None


def _attributes(
    source: ChangedSource, owner: ClassSource, model: Declared | None
) -> Iterator[tuple[Attribute, Attribute | None]]:
    if model is not None:
        yield from model.attributes()
        return
    old = source.before(owner.qualname)
    for item in owner.attributes:
        before = old.attribute(item.name) if old else None
        if before is None or before.code != item.code:
            yield item, before
