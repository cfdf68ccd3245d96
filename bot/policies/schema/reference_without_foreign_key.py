"""A new column was called like a reference, and no foreign key guarded it.

Nothing keeps its values from pointing to rows that are not there: a bug, a script or a race writes
one, and every join loses the row in silence.

Add the foreign key, or call the column what it is.

Reference: https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.alembic_code import create_foreign_key
from bot.explain.guesses.references import is_reference, kind_column, referred, related
from bot.explain.names.naming import constraint_name
from bot.explain.schema.new_objects import New, new_columns
from bot.explain.schema.origin import column_made
from bot.facts import Facts, Project
from bot.facts.schema import Column, Table
from bot.policy import DEFAULTS, Confidence, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "contract"
PRESETS = (1, 2, 3, 4, 5)
TOLD_BY = ("tenant-without-foreign-key",)
OPTIONS = {"exempt": "columns (`schema.table.column`) that refer to nothing here"}

_KNOWN = {
    True: "A relationship of the models goes along it.",
    False: "It is known by its name alone; a relationship of the models along it would make it"
    " certain.",
}


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each column that is called like a table of the same schema."""
    exempt = options.of("reference-without-foreign-key", "exempt", [""])
    for project in facts.projects:
        for new in new_columns(project):
            name = f"{new.table.full_name}.{new.thing.name}"
            bare = new.before is None and not is_reference(new.table, new.thing.name)
            if not bare or kind_column(new.table, new.thing.name) or name in exempt:
                continue
            target, sure = _target(project, new)
            made = column_made(project, new) if target else None
            if target is None or made is None or _key_itself(new):
                continue
            yield made.finding(
                new.table,
                title=f"{code(new.thing.name)} of {code(new.table.full_name)} refers to"
                f" {code(target.full_name)} without a foreign key",
                message=f"Nothing keeps {code(new.thing.name)} from naming a row of"
                f" {code(target.full_name)} that is not there. " + _KNOWN[sure],
                subject=name,
                column=new.thing.name,
                confidence=Confidence.CERTAIN if sure else Confidence.LIKELY,
                remedies=(_key(new.table, new.thing, target),),
            )


def _target(project: Project, new: New[Column]) -> tuple[Table | None, bool]:
    """The table that it refers to, and whether the models say so."""
    if project.schema is None:
        return None, False
    stated = related(project.models, project.schema, new.table, new.thing)
    return stated or referred(project.schema, new.table, new.thing), stated is not None


def _key_itself(new: New[Column]) -> bool:
    """Whether it is the table's own key (``order_id`` of ``orders``)."""
    key = new.table.primary_key
    return key is not None and key.columns == (new.thing.name,) and new.base is None


def _key(table: Table, column: Column, target: Table) -> Remedy:
    key = target.primary_key
    referenced = key.columns if key else ("id",)
    name = constraint_name("fk", table, column.name)
    text = create_foreign_key(table, name, (column.name,), target.full_name, referenced, "RESTRICT")
    return Remedy(
        "Add the foreign key",
        block(text, "python"),
        trade_off="Every INSERT looks up the parent; `CASCADE` or `SET NULL` where the row should"
        " not keep its parent from being deleted.",
    )
