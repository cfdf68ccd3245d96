"""A new table referred to rows of several tables by a type and an id, or joined two tables.

No foreign key can guard a pair of type and id: the parent is deleted and the reference stays, and
every join needs one branch per type. A join of many with many has alternatives too.

Choose knowingly: one nullable key per target with a CHECK that one is set, one association table
per target, or a common parent table.

Reference: https://docs.sqlalchemy.org/en/20/orm/examples.html#module-examples.generic_associations
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.guesses.references import is_reference, joins_two, kind_column
from bot.explain.schema.new_objects import New, new_columns, new_tables
from bot.explain.schema.origin import column_made, table_made
from bot.facts import Facts, Project
from bot.facts.schema import Column, Table
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code, several

SEVERITY = Severity.NOTE
PACK = "contract"
PRESETS = (4,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each pair, and one for each association."""
    for project in facts.projects:
        for new in new_columns(project):
            kind = kind_column(new.table, new.thing.name)
            single = new.thing.name.endswith("_id") and not is_reference(new.table, new.thing.name)
            if new.before is None and kind and single:
                yield from _pair(project, new, kind)
        for table in new_tables(project):
            made = table_made(project, table) if joins_two(table) else None
            if made is None:
                continue
            parents = tuple(key.references or "" for key in table.foreign_keys)
            yield made.finding(
                table,
                title=f"{code(table.full_name)} joins many {several(parents)}",
                message="An association table is the usual way. The alternatives: a foreign key in"
                " one of them where each row has at most one of the other; an array of ids, which"
                " no foreign key can guard.",
                subject=table.full_name,
                remedies=(
                    Remedy(
                        "Keep the association",
                        "With both foreign keys as its primary key, and an index that starts with"
                        " the second, for the way back.",
                    ),
                ),
            )


def _pair(project: Project, new: New[Column], kind: Column) -> Iterator[Finding]:
    made = column_made(project, new)
    if made is None:
        return
    table, stem = new.table, new.thing.name.removesuffix("_id")
    yield made.finding(
        table,
        title=f"{code(kind.name)} and {code(new.thing.name)} refer to several tables",
        message=f"{code(kind.name)} says which table {code(new.thing.name)} of"
        f" {code(table.full_name)} means, so no foreign key can guard it. That it means tables is"
        " told by the names; the models' relationships would make it certain.",
        subject=f"{table.full_name}.{new.thing.name}",
        column=new.thing.name,
        confidence=Confidence.LIKELY,
        remedies=(
            Remedy(
                "One key per target, of which exactly one is set",
                block(_exclusive(table, stem), "python"),
                trade_off="One more column with each target; every reference is guarded.",
            ),
            Remedy(
                "One association table per target",
                trade_off="More tables, no NULLs; what is common is read from several of them.",
            ),
        ),
    )


def _exclusive(table: Table, stem: str) -> str:
    lines = [
        f'sa.ForeignKeyConstraint(["{one}_id"], ["{one}.id"], name="fk_{table.name}_{one}"),'
        for one in ("<first>", "<second>")
    ]
    check, name = "num_nonnulls(<first>_id, <second>_id) = 1", f"ck_{table.name}_{stem}"
    return "\n".join([*lines, f'sa.CheckConstraint("{check}", name="{name}"),'])
