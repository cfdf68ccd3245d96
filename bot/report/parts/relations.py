"""The tables that the change touches and what refers to what, as a diagram and as a list.

GitHub Docs, "Creating diagrams"; Mermaid's documentation, "Entity Relationship Diagrams".
"""

from __future__ import annotations

import re

from bot.explain.schema.new_objects import touched_tables
from bot.facts import Project
from bot.facts.relation import Constraint
from bot.facts.schema import Table
from bot.report.parts.listing import bullets
from bot.verdict import Verdict
from bot.wording import code, several

_MOST = 30  # tables of one diagram


def relationships(verdict: Verdict) -> str:
    """For each project, the foreign keys of touched tables and those that lead to them."""
    return "\n\n".join(filter(None, map(_listed, verdict.facts.projects)))


def diagrams(verdict: Verdict) -> tuple[str, ...]:
    """The same in Mermaid's language, one for each project that has some."""
    found = map(_keys, verdict.facts.projects)
    return tuple(_diagram(keys) for keys in found if keys)


def _keys(project: Project) -> list[tuple[Table, Constraint]]:
    head = project.schema
    touched = {table.full_name for table, _ in touched_tables(project)}
    return [
        (table, key)
        for table in (head.tables if head else ())
        if table.partition_of is None
        for key in table.foreign_keys
        if key.references and touched & {table.full_name, key.references}
    ]


def _listed(project: Project) -> str:
    keys = _keys(project)
    if not keys:
        none = "No table that the change touches refers to another."
        return none if touched_tables(project) else ""
    return bullets(
        [
            f"{several([f'{table.full_name}.{name}' for name in key.columns])} → "
            f"{code(key.references or '')}, {_many(table, key)} to one, "
            f"`ON DELETE {key.on_delete}`"
            for table, key in keys
        ]
    )


def _diagram(keys: list[tuple[Table, Constraint]]) -> str:
    names = [name for table, key in keys for name in (table.full_name, key.references or "")]
    known = {
        name: f"t{number}" for number, name in enumerate(dict.fromkeys(names)) if number < _MOST
    }
    lines = [f'    {mark}["{_label(name)}"]' for name, mark in known.items()]
    for table, key in keys:
        ends = known.get(key.references or ""), known.get(table.full_name)
        if None not in ends:
            label = _label(", ".join(key.columns))
            lines.append(f'    {ends[0]} {_cardinality(table, key)} {ends[1]} : "{label}"')
    return "\n".join(["erDiagram", *lines])


def _label(name: str) -> str:
    """A name as text of a diagram: what could end the text or mean something is a low line."""
    return re.sub(r"[^\w ,.-]", "_", name)[:80] or "_"


def _cardinality(table: Table, key: Constraint) -> str:
    required = all(
        (column := table.column(name)) is not None and not column.nullable for name in key.columns
    )
    return f"{'||' if required else '|o'}--{'o|' if _is_unique(table, key) else 'o{'}"


def _is_unique(table: Table, key: Constraint) -> bool:
    return any(
        index.unique and index.predicate is None and {*index.columns} <= {*key.columns}
        for index in table.indexes
    )


def _many(table: Table, key: Constraint) -> str:
    return "one" if _is_unique(table, key) else "many"
