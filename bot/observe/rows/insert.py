"""One table's rows into the database: what the server refuses is mended by what it says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.observe.rows.maker import Known, Maker, Wanted
from bot.observe.rows.mend import Mending
from bot.observe.rows.parents import Row
from bot.observe.rows.plan import TablePlan
from bot.observe.rows.target import Target
from bot.observe.rows.values import Values

if TYPE_CHECKING:
    from psycopg import Error


class Refused(Exception):
    """No row could be inserted; ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Inserted:
    """How many rows the table took, and what had to be done for that."""

    count: int
    note: str = ""


def insert(
    target: Target,
    values: Values,
    planned: Callable[[], TablePlan],
    wanted: Wanted,
    known: Known,
) -> Inserted:
    """Make rows by the plan and insert as many as the server takes.

    ``planned`` makes the plan, anew whenever more is known about the values of a type.

    Raises:
        Refused: not a single row.
    """
    from psycopg import Error

    mending = Mending(target, values, wanted, known)
    while True:
        plan = planned()
        rows = Maker(plan, values, wanted, known).rows()
        if not rows:
            raise Refused(_why_none(plan, known))
        try:
            return Inserted(copied(target, plan, rows, known), mending.note)
        except Error as error:
            refusal = error
        if mending.mend(plan, refusal):
            continue
        count, last = _one_by_one(target, plan, rows, known)
        if not count:
            raise Refused(said(last or refusal))
        return Inserted(count, mending.note)


def copied(target: Target, plan: TablePlan, rows: Sequence[Row], known: Known) -> int:
    """Insert these rows with COPY; how many the table took.

    Raises:
        psycopg.Error: the server refuses one; none is inserted then.
    """
    names = list(dict.fromkeys([*known.explicit, *(column.name for column in plan.columns)]))
    return target.copy(plan.table, names, ([row[name] for name in names] for row in rows))


def said(error: Error) -> str:
    """The server's reason on one line."""
    return (error.diag.message_primary or str(error)).strip() or "the server gave no reason"


def _one_by_one(
    target: Target, plan: TablePlan, rows: Sequence[Row], known: Known
) -> tuple[int, Error | None]:
    from psycopg import Error

    count, last = 0, None
    for row in rows:
        try:
            count += copied(target, plan, [row], known)
        except Error as error:
            last = error
    return count, last


def _why_none(plan: TablePlan, known: Known) -> str:
    for reference in plan.references:
        if reference.required and not (
            reference.table == plan.table.full_name or known.parents(reference)
        ):
            return f"it refers to {reference.table}, which holds no row"
    return "no row obeys its unique keys and constraints"
