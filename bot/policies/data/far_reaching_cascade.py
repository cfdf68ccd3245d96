"""A new ON DELETE CASCADE lets one deleted row delete rows of further tables.

Each cascade alone is harmless to look at. In a chain, a row that somebody deletes by hand takes
rows along in tables that nobody had in mind, and nothing says so.

Let the middle of the chain refuse: ON DELETE RESTRICT, and delete what hangs on a row in the code,
where it can be seen and counted. Or keep it, and say in the docstring how far it reaches.

Reference: https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.explain.code.alembic_code import create_foreign_key, drop_constraint
from bot.explain.schema.new_objects import New, new_constraints
from bot.explain.schema.origin import Origin, constraint_made
from bot.explain.schema.row_cascades import Links, cascades_down, reached, upwards
from bot.facts import Facts, Project
from bot.facts.relation import Constraint
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PRESETS = (4, 5)
PACK = "contract"


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each new foreign key that makes a chain, or a longer one.

    Of several in one chain the uppermost: it tells of the tables that the others lead to.
    """
    for project in facts.projects:
        if project.schema is None:
            continue
        down = cascades_down(project.schema)
        up = upwards(down)
        made = list(_made(project))
        for place, (origin, new, parent) in enumerate(made):
            child = new.table.full_name
            above = reached(parent, up) - {child}
            below = reached(child, down) - {parent}
            told = any(
                _leads(other.table.full_name, parent, down)
                and (number < place or not _leads(child, start, down))
                for number, (_, other, start) in enumerate(made)
                if number != place
            )
            if (above or below) and not told:
                yield _finding(origin, new, parent, above, below)


def _made(project: Project) -> Iterator[tuple[Origin, New[Constraint], str]]:
    """Foreign keys that the change gives an ON DELETE CASCADE, each with its parent's name."""
    for new in new_constraints(project, "foreign key"):
        had = new.before is not None and new.before.on_delete == "CASCADE"
        origin = constraint_made(project, new)
        if new.thing.on_delete == "CASCADE" and new.thing.references and origin and not had:
            yield origin, new, new.thing.references


def _leads(table: str, other: str, down: Links) -> bool:
    """Whether deleting a row of the one can delete rows of the other."""
    return table == other or other in reached(table, down)


def _finding(
    origin: Origin,
    new: New[Constraint],
    parent: str,
    above: frozenset[str],
    below: frozenset[str],
) -> Finding:
    child, key = new.table.full_name, new.thing
    lines = [f"- a deleted row of {code(parent)} deletes its rows of {code(child)}"]
    lines += [f"- and with these, rows of {code(table)}" for table in sorted(below)]
    lines += [f"- it starts with a row of {code(table)} already" for table in sorted(above)]
    columns = ", ".join(key.columns)
    code_ = "\n".join(
        (
            drop_constraint(new.table, key),
            create_foreign_key(
                new.table, key.name, key.columns, parent, key.referenced, "RESTRICT"
            ),
        )
    )
    found = origin.finding(
        new.table,
        title=f"A chain of ON DELETE CASCADE leads through {code(parent)} to {code(child)}",
        message=f"The foreign key {code(key.name)} on {code(child)} ({code(columns)}) is ON DELETE "
        "CASCADE and is part of a chain:\n\n" + "\n".join(lines),
        subject=f"{child}.{key.name}",
        count=len(above) + len(below) + 1,
        remedies=(
            Remedy(
                "Refuse to delete a row that others need",
                block(code_, "python"),
                trade_off="Code that deletes the row has to delete what hangs on it first.",
            ),
        ),
    )
    return replace(found, tables=(child, *sorted(below)))
