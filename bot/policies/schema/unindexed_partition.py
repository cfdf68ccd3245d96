"""A partition lacked an index that its siblings have.

Queries are fast until they reach that partition, and a unique index on the others guards nothing
there.

Create the index on the parent: every partition, present and future, then has it.

Reference: https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.names.names import execute, sql_name
from bot.explain.schema.new_objects import New
from bot.explain.schema.origin import index_made, table_made
from bot.explain.schema.partitions import of
from bot.facts import Facts, Project
from bot.facts.relation import Index
from bot.facts.schema import Schema, Table
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "contract"
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each partition and index of which one is new."""
    for project in facts.projects:
        if project.schema is None or project.base_schema is None:
            continue
        old = {(part.full_name, _keys(index)) for part, index in _missing(project.base_schema)}
        for part, index in _missing(project.schema):
            if (part.full_name, _keys(index)) in old:
                continue
            yield from _finding(project, part, index)


def _finding(project: Project, part: Table, index: Index) -> Iterator[Finding]:
    sibling = next(
        table
        for table in (project.schema.tables if project.schema else ())
        if index in table.indexes
    )
    known = project.base_schema.table(part.full_name) if project.base_schema else None
    made = index_made(project, New(sibling, index)) if known else table_made(project, part)
    if made is None:
        return
    parent = sql_name(part.partition_of or "")
    unique = "UNIQUE " if index.unique else ""
    _, _, using = index.definition.partition(" USING ")
    text = execute(f"CREATE {unique}INDEX ON {parent} USING {using or '<keys>'}")
    yield made.finding(
        part,
        title=f"{code(part.full_name)} lacks the index {code(index.name)} of its siblings",
        message=f"Every other partition of {code(part.partition_of or '')} has an index like"
        f" {code(index.name)}.",
        subject=f"{part.full_name}: {index.name}",
        remedies=(
            Remedy(
                "Index the parent",
                block(text, "python"),
                trade_off="It locks all partitions against writes while it builds; on large ones"
                " build each concurrently, then attach them to one made `ON ONLY` the parent.",
            ),
        ),
    )


def _missing(schema: Schema) -> Iterator[tuple[Table, Index]]:
    """Each partition with an index of a sibling that it alone has not."""
    for parent in schema.tables:
        parts = of(schema, parent.full_name) if parent.partitioning else ()
        if len(parts) < 2:  # noqa: PLR2004 - without a sibling there is nothing to compare
            continue
        held = {part.full_name: {_keys(index) for index in part.indexes} for part in parts}
        for part in parts:
            others = [each for each in parts if each is not part]
            for index in others[0].indexes:
                key = _keys(index)
                if key not in held[part.full_name] and all(
                    key in held[other.full_name] for other in others
                ):
                    yield part, index


def _keys(index: Index) -> tuple[object, ...]:
    return index.method, index.keys, index.predicate, index.unique
