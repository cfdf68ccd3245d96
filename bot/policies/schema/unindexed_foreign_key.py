"""A foreign key had no index that starts with its columns.

PostgreSQL indexes the referenced side only. Every DELETE or key UPDATE of a parent row reads the
whole referencing table, under locks, to look for children; so does every join from the parent.

Create an index that starts with the foreign key's columns, with the key.

Reference: https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.remedies.index import index_remedy
from bot.explain.schema.indexes import lookup_index
from bot.explain.schema.new_objects import New, touched_tables
from bot.explain.schema.origin import constraint_made, index_lost
from bot.facts import Facts
from bot.facts.relation import Constraint, Index
from bot.facts.schema import Schema, Table
from bot.policy import Finding, Severity
from bot.wording import code, several, verb

SEVERITY = Severity.WARN
PRESETS = (2, 3, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each new key without an index, and each old key that lost its index."""
    for project in facts.projects:
        for table, before in touched_tables(project):
            for key in table.foreign_keys:
                if key.inherited or _index(project.schema, table, key):
                    continue
                old = (
                    next((k for k in before.foreign_keys if k.name == key.name), None)
                    if before
                    else None
                )
                lost = _index(project.base_schema, before, old) if before and old else None
                if old is not None and lost is None:
                    continue
                made = (
                    index_lost(project, table, lost)
                    if lost
                    else constraint_made(project, New(table, key))
                )
                if made is None:
                    continue
                parent = code(key.references or "")
                yield made.finding(
                    table,
                    title=f"{several(key.columns)} of {code(table.full_name)}"
                    f" {verb(key.columns, 'refers', 'refer')} to {parent} {_and(key, lost)}",
                    message=f"No index of {code(table.full_name)} starts with"
                    f" {several(key.columns)}, so deleting one row of {parent} reads the whole of"
                    f" {code(table.full_name)} to check {code(key.name)}.",
                    subject=f"{table.full_name}.{key.name}",
                    column=key.columns[0] if len(key.columns) == 1 else None,
                    remedies=(index_remedy(facts, made, table, key.columns, before),),
                )


def _and(key: Constraint, lost: Index | None) -> str:
    if lost is None:
        return "without an index"
    return verb(key.columns, "and loses its index", "and lose their index")


def _index(schema: Schema | None, table: Table, key: Constraint) -> Index | None:
    """What finds the rows of one parent: by all columns, or by those of the parent's own key."""
    parent = schema.table(key.references) if schema and key.references else None
    own = parent.primary_key.columns if parent and parent.primary_key else ()
    pairs = zip(key.columns, key.referenced, strict=False)
    enough = tuple(mine for mine, theirs in pairs if theirs in own)
    whole = lookup_index(table, key.columns)
    return whole or (lookup_index(table, enough) if own and len(enough) == len(own) else None)
