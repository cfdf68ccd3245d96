"""The index that is missing, in complete code: with the table where that is new, else by itself."""

from __future__ import annotations

from collections.abc import Sequence

from bot.explain.code.alembic_code import create_index, drop_constraint, drop_index
from bot.explain.names.naming import index_name
from bot.explain.patch.changes import after
from bot.explain.patch.patch import patched
from bot.explain.schema.new_objects import New
from bot.explain.schema.origin import Origin
from bot.facts import Facts
from bot.facts.relation import Index
from bot.facts.schema import Table
from bot.policy import Remedy
from bot.wording import block, code, several


def index_remedy(
    facts: Facts,
    made: Origin,
    table: Table,
    columns: Sequence[str],
    before: Table | None,
    *,
    why: str = "",
    **more: str,
) -> Remedy:
    """An index on these columns.

    ``before`` is base's table: where there is one, rows may be in it, so the index is built
    concurrently in a revision of its own. ``more`` are further keywords of ``op.create_index``,
    as Python code; ``why`` goes on in the title.
    """
    name = index_name(made.project.schema, table.name, tuple(columns))
    if before is None:
        text = create_index(table, name, columns, concurrently=False, **more)
        return Remedy(
            f"Index {several(tuple(columns))}{why}",
            f"Next to {code(table.full_name)} itself, in {code(made.revision.revision)}:\n\n"
            + block(text, "python"),
            patch=patched(facts, made.path, after(made.line, text)),
        )
    text = create_index(table, name, columns, concurrently=True, **more)
    return Remedy(
        f"Index {several(tuple(columns))}{why}",
        "In a revision of its own, so that nobody waits while it is built:\n\n"
        + block(text, "python"),
        trade_off="It is one more index to keep up with every INSERT, and to build it concurrently "
        "takes two passes over the table.",
    )


def without_index(
    facts: Facts, made: Origin, new: New[Index], needless: Index
) -> tuple[Remedy, ...]:
    """Leave ``needless`` out where it is the new one, made at ``made``; else drop it."""
    del facts
    if needless is new.thing:
        statement = made.statement
        shown = f":\n\n{block(statement.sql, 'sql')}" if statement else "."
        table = code(new.table.full_name)
        return (
            Remedy(
                f"Leave {code(needless.name)} out",
                f"Take it out of {code(made.revision.revision)} and of the model of {table}. "
                f"What makes it{shown}",
            ),
        )
    behind = next((c for c in new.table.constraints if c.name == needless.constraint), None)
    if behind is not None:
        text = drop_constraint(new.table, behind)
        return (Remedy(f"Drop the constraint {code(behind.name)}", block(text, "python")),)
    text = drop_index(new.table, needless.name, concurrently=new.base is not None)
    return (
        Remedy(
            f"Drop {code(needless.name)}",
            f"In a revision after {code(made.revision.revision)}, once the new one is there:\n\n"
            + block(text, "python"),
            trade_off="Look into `pg_stat_user_indexes` first: a smaller index that is used all day"
            " may be worth its writes.",
        ),
    )
