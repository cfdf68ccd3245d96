"""A column allowed NULL that its type ruled out, or the reverse.

A type checker believes the annotation: it demands handling of a `None` that never comes, or lets
the one pass that does, and the code fails on the first row that has it.

Let the annotation and the column say the same.

Reference: https://docs.sqlalchemy.org/en/20/orm/declarative_tables.html#mapped-column-derives-the-datatype-and-nullability-from-the-mapped-annotation
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.python.declared import declared
from bot.explain.python.rewritten import with_keyword, with_none
from bot.facts import Facts
from bot.facts.models import ModelColumn
from bot.policy import Finding, Remedy, Severity
from bot.source import Attribute
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "async-models"
PRESETS = (2, 4)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a column; an annotation whose types are not known says nothing."""
    for model in declared(facts):
        for attribute, before in model.attributes():
            column = model.column(attribute.name)
            if column is None or attribute.annotation is None or not _differs(attribute, column):
                continue
            old = model.base_column(attribute.name)
            if before is not None and old is not None and _differs(before, old):
                continue
            text, name = attribute.annotation.text, f"{model.source.name}.{attribute.name}"
            refuses = f"{code(column.name)} is NOT NULL, and {code(text)} allows None."
            allows = f"{code(column.name)} may be NULL, and {code(text)} rules None out."
            value = "False" if column.nullable else "True"
            yield model.finding(
                attribute,
                title=f"The type of {code(name)} contradicts its column",
                message=allows if column.nullable else refuses,
                remedies=(
                    Remedy(
                        "Let the column follow the type",
                        block(with_keyword(attribute, "nullable", value), "python"),
                        trade_off="It changes the schema: the revision must do so too.",
                    ),
                    Remedy(
                        "Let the type follow the column",
                        block(with_none(attribute, allowed=column.nullable), "python"),
                    ),
                ),
            )


def _differs(attribute: Attribute, column: ModelColumn) -> bool:
    stated = attribute.annotation.optional if attribute.annotation else None
    if stated is None or column.primary_key or column.computed or column.identity:
        return False
    if attribute.value is None or attribute.value.kind != "call":
        return False  # nothing but the annotation, from which SQLAlchemy takes it
    return stated is not column.nullable
