"""A new model of an SQLModel project was not written as one.

A class that is no `SQLModel, table=True` is no Pydantic model: the API cannot validate by it or
return it, and a `Column` inside of a `Field` hides its rules from both.

Derive it from `SQLModel` with `table=True`, and let `Field` say what it can.

Reference: https://sqlmodel.tiangolo.com/tutorial/create-db-and-table/
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.declared import Declared, declared
from bot.explain.names import python_string
from bot.explain.python_types import python_type
from bot.facts import Facts
from bot.facts.models import ModelColumn, Models, ModelTable
from bot.policy import Finding, Remedy, Severity
from bot.source import Attribute, Expression
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "async-models"
PRESETS = (2,)
_TYPES = (  # that SQLModel would not choose by itself for the Python type
    ("BIGINT", "BigInteger"),
    ("SMALLINT", "SmallInteger"),
    ("TEXT", "Text"),
    ("TIMESTAMP WITH TIME ZONE", "DateTime(timezone=True)"),
)
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
                remedies=(Remedy("Write it as SQLModel", block(_as_sqlmodel(model), "python")),),
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


def _as_sqlmodel(model: Declared) -> str:
    lines = [f"class {model.source.name}(SQLModel, table=True):"]
    schema, _, table = model.table.name.partition(".")
    lines.append(f'    __tablename__ = "{table}"')
    if schema != "public":
        lines.append(f'    __table_args__ = {{"schema": "{schema}"}}')
    for column in model.table.columns:
        kind, words = python_type(column), list(_field(model.table, column))
        if column.primary_key or column.nullable:
            kind, words = f"{kind} | None", ["default=None", *words]
        told = f" = Field({', '.join(words)})" if words else ""
        lines.append(f"    {column.attribute or column.name}: {kind}{told}")
    return "\n".join(lines)


def _field(table: ModelTable, column: ModelColumn) -> Iterator[str]:
    """What ``Field`` has to say so that the column stays what it is."""
    if column.primary_key:
        yield "primary_key=True"
    for target in column.references:
        yield f'foreign_key="{target.removeprefix("public.")}"'
    alone = [item for item in table.constraints if item.columns == (column.name,)]
    for item in alone:
        if item.kind == "foreign" and item.on_delete:
            yield f'ondelete="{item.on_delete}"'
    if any(item.kind == "unique" for item in alone):
        yield "unique=True"
    if any(item.columns == (column.name,) and not item.where for item in table.indexes):
        yield "index=True"
    kind = next((name for start, name in _TYPES if column.type.upper().startswith(start)), None)
    if kind:
        yield f"sa_type={kind}"
    if column.server_default:
        default = python_string(column.server_default)
        yield f'sa_column_kwargs={{"server_default": text({default})}}'
