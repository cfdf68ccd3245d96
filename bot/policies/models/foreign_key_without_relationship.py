"""A new foreign key had no relationship along it.

Code that needs the other row has to spell the join and the key by hand, at every place anew, and
nothing loads the two together.

Add a relationship to the class that has the foreign key.

Reference: https://docs.sqlalchemy.org/en/20/orm/basic_relationships.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.python.declared import Declared, declared
from bot.facts import Facts
from bot.facts.models import MappedClass, ModelColumn
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "async-models"
PRESETS = (2, 4)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a column; keys of subclasses' tables and of association tables need none."""
    for model in declared(facts):
        if any(item.startswith("relationships") for item in model.models.unread):
            continue
        for attribute, before in model.attributes():
            column = model.column(attribute.name)
            target = _target(model, column) if column else None
            if column is None or target is None or column.primary_key or _followed(model, column):
                continue
            if _beside(model, column):
                continue
            old = model.base_column(attribute.name)
            if before is not None and old is not None and old.references:
                continue
            yield model.finding(
                attribute,
                title=f"No relationship follows {code(model.source.name + '.' + attribute.name)}",
                message=f"It refers to {code(target.table)}, and neither"
                f" {code(model.source.name)} nor {code(target.name)} has a relationship along it.",
                remedies=(_remedy(model, column, target),),
            )


def _target(model: Declared, column: ModelColumn) -> MappedClass | None:
    """The class that maps the table that the column refers to, or None."""
    tables = {item.rpartition(".")[0] for item in column.references}
    return next((item for item in model.models.classes if item.table in tables), None)


def _beside(model: Declared, column: ModelColumn) -> bool:
    """Whether it is only part of composite keys, which are told at their last column."""
    keys = [
        item
        for item in model.table.constraints
        if item.kind == "foreign" and column.name in item.columns
    ]
    return bool(keys) and all(item.columns[-1] != column.name for item in keys)


def _followed(model: Declared, column: ModelColumn) -> bool:
    """Whether a relationship from either side goes along the column."""
    for owner in model.models.classes:
        for item in owner.relationships:
            here = owner.table == model.table.name and column.name in item.local_columns
            there = item.target_table == model.table.name and column.name in item.remote_columns
            if here or there:
                return True
    return False


def _remedy(model: Declared, column: ModelColumn, target: MappedClass) -> Remedy:
    stem = column.name.removesuffix("_id")
    name = stem if stem != column.name else f"{column.name}_{target.name.lower()}"
    many = model.table.name.partition(".")[2]
    none = " | None" if column.nullable else ""
    keys = sum(
        any(each.rpartition(".")[0] == target.table for each in item.references)
        for item in model.table.columns
    )
    key = f'"{model.source.name}.{column.attribute}"' if keys > 1 else ""
    if model.mapped.style == "sqlmodel":
        here = _field(name, f'"{target.name}{none}"', many, key)
    else:
        along = f", foreign_keys=[{column.attribute}]" if key else ""
        told = f'relationship(back_populates="{many}"{along})'
        here = f'{name}: Mapped["{target.name}{none}"] = {told}'
    if target.style == "sqlmodel":
        there = _field(many, f'list["{model.source.name}"]', name, key)
    else:
        along = f", foreign_keys={key}" if key else ""
        told = f'relationship(back_populates="{name}"{along})'
        there = f'{many}: Mapped[list["{model.source.name}"]] = {told}'
    text = f"# in {model.source.name}\n{here}\n\n# in {target.name}\n{there}"
    return Remedy("Add it on both sides", block(text, "python"))


def _field(name: str, kind: str, back: str, key: str) -> str:
    """The attribute as SQLModel has it."""
    along = f', sa_relationship_kwargs={{"foreign_keys": {key}}}' if key else ""
    return f'{name}: {kind} = Relationship(back_populates="{back}"{along})'
