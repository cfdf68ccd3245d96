"""A new mapped attribute had no annotation.

A type checker takes it for `Any`, and so everything that is computed from it: a wrong type, a
forgotten `None` or a misspelt attribute of a related object passes unseen.

Annotate it with `Mapped[...]`.

Reference: https://docs.sqlalchemy.org/en/20/orm/declarative_tables.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.python.declared import RELATIONSHIP, Declared, declared, modern
from bot.explain.python.rewritten import with_annotation
from bot.explain.schema.python_types import mapped_annotation
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.source import Attribute
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "async-models"
PRESETS = (2, 4)
_MAPS = ("mapped_column", "column_property", "deferred", *RELATIONSHIP)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding an attribute, with SQLAlchemy 2; `Column` is `legacy-mapping`'s."""
    for model in declared(facts):
        for attribute, before in model.attributes() if modern(model.models) else ():
            if attribute.annotation is not None or not attribute.calls(*_MAPS):
                continue
            if before is not None and before.annotation is None:
                continue
            told = with_annotation(attribute, _annotation(model, attribute))
            yield model.finding(
                attribute,
                title=f"{code(model.source.name + '.' + attribute.name)} has no type",
                message="To a type checker it is `Any`.",
                remedies=(Remedy("Annotate it", block(told, "python")),),
            )


def _annotation(model: Declared, attribute: Attribute) -> str:
    related = model.relationship(attribute.name)
    if related is None:
        return mapped_annotation(model.column(attribute.name))
    if related.uselist:
        return f'Mapped[list["{related.target}"]]'
    required = all(
        not column.nullable
        for column in model.table.columns
        if column.name in related.local_columns
    )
    optional = "" if required and related.direction == "MANYTOONE" else " | None"
    return f'Mapped["{related.target}{optional}"]'
