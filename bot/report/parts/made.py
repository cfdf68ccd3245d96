"""Models that the change creates and modifies, with their key attributes."""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.schema.new_objects import touched_tables
from bot.facts import Project
from bot.facts.models import ModelColumn, Models, ModelTable
from bot.facts.schema import Column, Table
from bot.report.parts.listing import bullets
from bot.verdict import Verdict
from bot.wording import code, several

_ATTRIBUTES = 12  # of one model


def models(verdict: Verdict) -> str:
    """By the mapped metadata; by the database's tables where that was not read."""
    lines: list[str] = []
    for project in verdict.facts.projects:
        read = project.models is not None and project.base_models is not None
        lines += _of_models(project) if read else _of_tables(project)
    return bullets(lines) or "No model is created or modified."


def _of_models(project: Project) -> Iterator[str]:
    after, before = project.models or Models(), project.base_models or Models()
    for table in after.tables:
        old = before.table(table.name)
        if old is None:
            yield f"creates {_named(after, table)}: {_attributes(table.columns)}"
        elif old != table:
            yield f"modifies {_named(after, table)}: {_differences(old, table)}"
    for table in before.tables:
        if after.table(table.name) is None:
            yield f"removes {_named(before, table)}"


def _named(known: Models, table: ModelTable) -> str:
    classes = [each for each in known.classes if each.table == table.name]
    if not classes:
        return code(table.name)
    path = f", {code(classes[0].path)}" if classes[0].path else ""
    return f"{code(classes[0].name)} ({code(table.name)}{path})"


def _attributes(columns: tuple[ModelColumn, ...]) -> str:
    shown = ", ".join(_attribute(each) for each in columns[:_ATTRIBUTES])
    more = len(columns) - _ATTRIBUTES
    return f"{shown} and {more} more" if more > 0 else shown


def _attribute(column: ModelColumn) -> str:
    words = [column.type or "?"]
    words += ["primary key"] if column.primary_key else []
    words += [] if column.nullable or column.primary_key else ["NOT NULL"]
    words += [f"references {each}" for each in column.references[:1]]
    return code(f"{column.attribute or column.name} {' '.join(words)}")


def _differences(old: ModelTable, new: ModelTable) -> str:
    added = [each for each in new.columns if old.column(each.name) is None]
    gone = [each.name for each in old.columns if new.column(each.name) is None]
    changed = [
        each.name
        for each in new.columns
        if (before := old.column(each.name)) is not None and before != each
    ]
    parts = [f"adds {_attributes(tuple(added))}"] if added else []
    parts += [f"changes {several(changed)}"] if changed else []
    parts += [f"removes {several(gone)}"] if gone else []
    return "; ".join(parts) or "its keys, constraints or indexes"


def _of_tables(project: Project) -> Iterator[str]:
    for table, base in touched_tables(project):
        new = [each for each in table.columns if base is None or base.column(each.name) is None]
        verb = "creates" if base is None else "changes"
        yield f"{verb} the table {code(table.full_name)}" + (f": {_columns(new)}" if new else "")
    after, before = project.schema, project.base_schema
    for table in before.tables if before and after else ():
        if after is not None and not after.unread and after.table(table.full_name) is None:
            yield f"no longer has the table {code(table.full_name)}" + _rename_note(table)


def _rename_note(table: Table) -> str:
    return "" if table.kind == "table" else f" ({table.kind})"


def _columns(columns: list[Column]) -> str:
    return several([f"{each.name} {each.type.name}" for each in columns], _ATTRIBUTES)
