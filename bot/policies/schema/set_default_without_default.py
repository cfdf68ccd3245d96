"""A foreign key said SET DEFAULT, and there was no default, or none that is a row of the parent.

Without a default the column becomes NULL, which nobody asked for (and fails where it must not be
NULL). With a default that is no key of the parent the DELETE fails.

Give the column a default that is there, or say what is meant: SET NULL, RESTRICT or CASCADE.

Reference: https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.alembic_code import alter_column
from bot.explain.history.writes import written_tables
from bot.explain.remedies.foreign_key import foreign_key_remedy
from bot.explain.schema.new_objects import New, new_tables, touched_tables
from bot.explain.schema.origin import constraint_made
from bot.facts import Facts
from bot.facts.relation import Constraint
from bot.facts.schema import Table
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code, several, verb

SEVERITY = Severity.BLOCK
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each new key whose columns lack a default, or whose parent lacks the row."""
    for project in facts.projects:
        empty = {table.full_name for table in new_tables(project)} - written_tables(project)
        for table, before in touched_tables(project):
            known = {key.name: key for key in before.foreign_keys} if before else {}
            for key in table.foreign_keys:
                old = known.get(key.name)
                bare = _without_default(table, key)
                missing = (
                    not bare and key.references in empty and _sets_default(key) and key.columns
                )
                if (
                    key.inherited
                    or not (bare or missing)
                    or (before and old and _sets_default(old))
                ):
                    continue
                made = constraint_made(project, New(table, key))
                if made is None:
                    continue
                new = New(table, key, old, before)
                parent = code(key.references or "")
                yield made.finding(
                    table,
                    title=f"{code(key.name)} sets {several(bare or key.columns)} to "
                    + ("a default that it has not" if bare else f"a default that {parent} lacks"),
                    message=_told(table, key, bare),
                    subject=f"{table.full_name}.{key.name}",
                    column=(bare or key.columns)[0],
                    confidence=Confidence.CERTAIN if bare else Confidence.LIKELY,
                    remedies=(
                        _default(table, bare or key.columns, parent),
                        *foreign_key_remedy(made, new, "SET NULL", "RESTRICT"),
                    ),
                )


def _sets_default(key: Constraint) -> bool:
    return "SET DEFAULT" in (key.on_delete, key.on_update)


def _without_default(table: Table, key: Constraint) -> tuple[str, ...]:
    if not _sets_default(key):
        return ()
    emptied = key.cleared if key.on_delete == "SET DEFAULT" and key.cleared else key.columns
    columns = (table.column(name) for name in emptied)
    return tuple(column.name for column in columns if column and column.default is None)


def _told(table: Table, key: Constraint, bare: tuple[str, ...]) -> str:
    parent = code(key.references or "")
    if not bare:
        return (
            f"{parent} is new and nothing in this change inserts a row into it, so the"
            f" {verb(key.columns, 'default of', 'defaults of')} {several(key.columns)}"
            f" {verb(key.columns, 'refers', 'refer')} to no row, and deleting a row of {parent}"
            " fails."
            " What would make it certain: a row with that key that something else inserts first."
        )
    required = any(c and not c.nullable for c in (table.column(name) for name in bare))
    effect = "which is refused: the delete fails" if required else "without anybody having said so"
    return (
        f"{several(bare)} of {code(table.full_name)} {verb(bare, 'has', 'have')} no server default"
        " (one in the model does not count), so when a row of"
        f" {parent} is deleted {verb(bare, 'it becomes', 'they become')} NULL, {effect}."
    )


def _default(table: Table, columns: tuple[str, ...], parent: str) -> Remedy:
    lines = [alter_column(table, name, server_default='"<the id>"') for name in columns]
    return Remedy(
        f"Give {several(columns)} the default, and {parent} the row",
        "Insert the row in the same revision, before the default:\n\n"
        + block("\n".join(lines), "python"),
        trade_off="That row can never be deleted.",
    )
