"""A new column took its numbers from a `serial` sequence.

The sequence is an object of its own: rights on the table do not reach it, a copied table goes on
sharing it, and an INSERT with a number of its own is accepted and collides later.

Use an identity column, which the SQL standard has for this since 2003.

Reference: https://wiki.postgresql.org/wiki/Don%27t_Do_This#Don.27t_use_serial
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.names.names import python_string
from bot.explain.schema.new_objects import new_columns
from bot.explain.schema.origin import column_made
from bot.explain.schema.types import sqlalchemy
from bot.facts import Facts
from bot.facts.schema import Sequence
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "contract"
PRESETS = ()


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each column that owns the sequence of its default."""
    for project in facts.projects:
        owned: dict[str, Sequence] = {}
        if project.schema is not None:
            owned = {item.owned_by: item for item in project.schema.sequences if item.owned_by}
        for new in new_columns(project):
            name = f"{new.table.full_name}.{new.thing.name}"
            sequence = owned.get(name)
            if new.before is not None or sequence is None or sequence.identity:
                continue
            made = column_made(project, new) if new.thing.default else None
            if made is None:
                continue
            own = python_string(new.thing.name)
            text = f"sa.Column({own}, {sqlalchemy(new.thing.type)}, sa.Identity(), nullable=False)"
            yield made.finding(
                new.table,
                title=f"{code(new.thing.name)} of {code(new.table.full_name)} is a serial column",
                message=f"Its numbers come from the sequence {code(sequence.full_name)}: whoever"
                f" may insert into {code(new.table.full_name)} needs a right on that, too.",
                subject=name,
                column=new.thing.name,
                remedies=(Remedy("Make it an identity column", block(text, "python")),),
            )
