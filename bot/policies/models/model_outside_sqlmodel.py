"""A new model of an SQLModel project was not written as one.

A class that is no `SQLModel, table=True` is no Pydantic model: the API cannot validate by it or
return it, and a `Column` inside of a `Field` hides its rules from both.

Derive it from `SQLModel` with `table=True`, and let `Field` say what it can.

Reference: https://sqlmodel.tiangolo.com/tutorial/create-db-and-table/
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.sqlmodel_code import as_sqlmodel
from bot.explain.python.declared import Declared, declared
from bot.facts import Facts
from bot.facts.models import Models
from bot.policy import Finding, Remedy, Severity
from bot.source import Attribute, Expression
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "async-models"
PRESETS = (2,)
_SAYS = frozenset({"nullable", "unique", "index", "primary_key"})


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a class; one a field whose `Column` says nothing that `Field` could not."""
    for model in declared(facts):
        if not _is_sqlmodel(model.project.base_models or model.models):
            continue
        if model.mapped.style == "sqlmodel":
            yield from _fields(model)
        elif model.before is None and model.mapped.style != "imperative":
            name = model.source.name
            yield model.finding(
                model.source,
                title=f"{code(name)} is no SQLModel",
                message="The project's other models are; this one cannot be validated or returned"
                " by the API as they can.",
                remedies=(
                    Remedy(
                        "Write it as SQLModel",
                        block(as_sqlmodel(model.source.name, model.table), "python"),
                    ),
                ),
            )


def _is_sqlmodel(models: Models) -> bool:
    """Whether the models are written with SQLModel, most of them at least."""
    styles = [item.style == "sqlmodel" for item in models.classes]
    return sum(styles) * 2 > len(styles)


def _fields(model: Declared) -> Iterator[Finding]:
    for attribute, before in model.attributes():
        stated = _column(attribute)
        if stated is None or (before is not None and _column(before) is not None):
            continue
        words = [
            f"{item.keyword}={item.value.value!r}" for item in stated.arguments if item.keyword
        ]
        size = next((each.positional[0].value for each in _sized(stated)), None)
        words += [f"max_length={size}"] if size else []
        note = attribute.annotation.text if attribute.annotation else "str"
        told = f"{attribute.name}: {note} = Field({', '.join(words)})"
        yield model.finding(
            attribute,
            title=f"{code(model.source.name + '.' + attribute.name)} hides its rules in a `Column`",
            message="`Field` can say all of it, and Pydantic reads it there.",
            remedies=(Remedy("Say it in the Field", block(told, "python")),),
        )


def _column(attribute: Attribute) -> Expression | None:
    """The ``Column`` in its ``Field`` that says nothing of its own, or None."""
    field = attribute.calls("Field")
    stated = field.argument("sa_column") if field else None
    if stated is None or stated.kind != "call" or stated.last != "Column":
        return None
    constant = all(
        item.value.kind == "constant" for item in stated.arguments if item.keyword is not None
    )
    plain = all(item.name.startswith("sqlalchemy.") and _plain(item) for item in stated.positional)
    return stated if constant and plain and _SAYS.issuperset(stated.keywords) else None


def _plain(type_: Expression) -> bool:
    if type_.last not in ("String", "Integer", "Boolean", "Float"):
        return False
    return not type_.keywords and len(type_.positional) <= 1


def _sized(stated: Expression) -> list[Expression]:
    return [item for item in stated.positional if item.last == "String" and item.positional]
