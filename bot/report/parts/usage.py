"""A sample query against what the change brings, as SQLAlchemy 2.0 writes it."""

from __future__ import annotations

import keyword
from collections.abc import Iterator

from bot.facts.models import MappedClass, ModelColumn, Models
from bot.verdict import Verdict
from bot.wording import block

_MOST = 2  # models that are shown

_ASYNC = """\
async with AsyncSession(engine) as session:
    found = (await session.scalars(
        {statement}
    )).all()"""
_SYNC = """\
with Session(engine) as session:
    found = session.scalars(
        {statement}
    ).all()"""


def usage_example(verdict: Verdict) -> str:
    """One query for each of the first models that have a new column."""
    shown: list[str] = []
    for project in verdict.facts.projects:
        models = project.models or Models()
        for each, column in _with_new(models, project.base_models or Models()):
            form = _ASYNC if models.asynchronous else _SYNC
            statement = f"select({each.name}).where({_condition(each.name, column)}).limit(20)"
            shown.append(form.format(statement=statement))
        if shown:
            session = (
                "ext.asyncio import AsyncSession" if models.asynchronous else "orm import Session"
            )
            head = f"from sqlalchemy import select\nfrom sqlalchemy.{session}"
            return block("\n\n".join([head, *shown[:_MOST]]), "python")
    return ""


def _with_new(models: Models, base: Models) -> Iterator[tuple[MappedClass, ModelColumn]]:
    """Classes with a column that base's table has not, and that column."""
    for each in models.classes:
        table, old = models.table(each.table), base.table(each.table)
        for column in table.columns if table else ():
            new = old is None or old.column(column.name) is None
            named = column.attribute or ""
            if new and not column.primary_key and _is_name(named) and _is_name(each.name):
                yield each, column
                break


def _is_name(text: str) -> bool:
    return text.isidentifier() and not keyword.iskeyword(text)


def _condition(name: str, column: ModelColumn) -> str:
    attribute, kind = f"{name}.{column.attribute}", column.type.upper()
    if kind.startswith("BOOLEAN"):
        return f"{attribute}.is_(True)"
    if "[]" in kind:
        return f"{attribute}.contains([wanted])"
    if kind.startswith("JSONB"):
        return f'{attribute}.contains({{"key": "value"}})'
    if kind.startswith(("TIMESTAMP", "DATE")):
        return f"{attribute} >= since"
    return f"{attribute} == wanted"
