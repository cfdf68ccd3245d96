"""A foreign key said SET NULL, and one of its columns is NOT NULL.

The row of the parent can never be deleted while a child refers to it: PostgreSQL tries to write the
NULL and fails, with an error about another table than the one that was deleted from.

Say what is meant: RESTRICT or CASCADE, a column that may be NULL, or (since PostgreSQL 15) the
column that may be emptied.

Reference: https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.alembic_code import alter_column
from bot.explain.remedies.foreign_key import foreign_key_remedy, written_foreign_key
from bot.explain.schema.new_objects import New, touched_tables
from bot.explain.schema.origin import Origin, column_made, constraint_made
from bot.facts import Facts, Project
from bot.facts.relation import Constraint
from bot.facts.schema import Table
from bot.policy import Finding, Remedy, Severity
from bot.sql import quoted
from bot.wording import block, code, several, verb

SEVERITY = Severity.BLOCK
PRESETS = (4, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each key of which SET NULL cannot work."""
    for project in facts.projects:
        for table, before in touched_tables(project):
            known = {key.name: key for key in before.foreign_keys} if before else {}
            for key in table.foreign_keys:
                old, required = known.get(key.name), _required(table, key)
                if not required or key.inherited or (before and old and _required(before, old)):
                    continue
                new = New(table, key, old, before)
                made = _made(project, new, required[0])
                if made is None:
                    continue
                parent = code(key.references or "")
                yield made.finding(
                    table,
                    title=f"{code(key.name)} sets {several(required)} to NULL,"
                    f" which {verb(required, 'is', 'are')} NOT NULL",
                    message=f"When a row of {parent} is deleted, {code(key.name)} writes NULL into"
                    f" {several(required)} of {code(table.full_name)}, which refuses it: the delete"
                    " fails as long as a row refers to it.",
                    subject=f"{table.full_name}.{key.name}",
                    column=required[0],
                    remedies=(
                        *foreign_key_remedy(made, new, "RESTRICT", "CASCADE"),
                        *_emptied(new, required),
                    ),
                )


def _made(project: Project, new: New[Constraint], column: str) -> Origin | None:
    """Where the key came, or where its column became NOT NULL when the key was there before."""
    changed = new.table.column(column)
    if new.before is None or new.before.on_delete != new.thing.on_delete or changed is None:
        return constraint_made(project, new)
    return column_made(project, New(new.table, changed, base=new.base))


def _emptied(new: New[Constraint], required: tuple[str, ...]) -> Iterator[Remedy]:
    """The ways to keep SET NULL: for the columns that may be NULL, or by letting them be."""
    rest = [name for name in new.thing.columns if name not in required]
    if rest:
        some = ", ".join(quoted(name) for name in rest)
        yield Remedy(
            f"Empty {several(rest)} alone",
            block(written_foreign_key(new, f"SET NULL ({some})"), "python"),
            trade_off="PostgreSQL 15 and later.",
        )
    lines = [alter_column(new.table, name, nullable="True") for name in required]
    yield Remedy(
        f"Let {several(required)} be NULL",
        block("\n".join(lines), "python"),
        trade_off="Everything that reads the column has to expect NULL.",
    )


def _required(table: Table, key: Constraint) -> tuple[str, ...]:
    """The columns that the key would empty and that must not be."""
    if "SET NULL" not in (key.on_delete, key.on_update):
        return ()
    emptied = key.cleared if key.on_delete == "SET NULL" and key.cleared else key.columns
    columns = (table.column(name) for name in emptied)
    return tuple(column.name for column in columns if column and not column.nullable)
