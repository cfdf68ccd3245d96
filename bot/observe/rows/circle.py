"""Tables that refer to each other in a circle: made together, checked when all are in."""

from __future__ import annotations

from collections.abc import Sequence

from bot.observe.rows.insert import Inserted, Refused, copied, said
from bot.observe.rows.keys import Reference
from bot.observe.rows.maker import Known, Maker, Wanted
from bot.observe.rows.parents import Row
from bot.observe.rows.plan import TablePlan
from bot.observe.rows.target import Target
from bot.observe.rows.values import Values

Entry = tuple[TablePlan, Wanted, Known]


def insert_circle(target: Target, values: Values, entries: Sequence[Entry]) -> dict[str, Inserted]:
    """Insert the rows of every table; the foreign keys among them are checked at the end.

    Raises:
        Refused: the server takes no row of one of them.
    """
    from psycopg import Error

    made = {
        plan.table.full_name: Maker(plan, values, wanted, known).rows()
        for plan, wanted, known in entries
    }
    for plan, _, _ in entries:
        for reference in plan.references:
            if reference.table in made and reference.table != plan.table.full_name:
                _link(made[plan.table.full_name], reference, made[reference.table])
    try:
        for plan, _, _ in entries:
            for key in plan.table.foreign_keys:
                if key.references in made and not key.inherited:
                    target.defer(plan.table, key)
        found = {
            plan.table.full_name: Inserted(copied(target, plan, made[plan.table.full_name], known))
            for plan, _, known in entries
        }
        target.settle()
    except Error as error:
        raise Refused(said(error)) from None
    return found


def _link(rows: Sequence[Row], reference: Reference, parents: Sequence[Row]) -> None:
    """Let each row point to a parent; columns that another key has filled must agree with it."""
    for number, row in enumerate(rows):
        bound = {
            own: theirs
            for own, theirs in zip(reference.columns, reference.referenced, strict=True)
            if row.get(own) is not None
        }
        fitting = [
            parent
            for parent in parents
            if all(row[own] == parent.get(theirs) for own, theirs in bound.items())
        ]
        if fitting:
            chosen = fitting[number % len(fitting)]
            for own, theirs in zip(reference.columns, reference.referenced, strict=True):
                row[own] = chosen.get(theirs)
