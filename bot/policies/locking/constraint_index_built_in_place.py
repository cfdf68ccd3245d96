"""A unique, primary key or exclusion constraint built its index while nobody could use the table.

ADD CONSTRAINT takes ACCESS EXCLUSIVE and holds it while it builds the index that backs the
constraint: readers and writers wait for as long as the whole table takes to be read and sorted.

Build the unique index CONCURRENTLY first, then make the constraint of it with USING INDEX, which is
a matter of an instant.

Reference: https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.online.constraint import constraints_of, using_index
from bot.explain.statements.cause import Blocked, Cause
from bot.explain.statements.group import Group, blocked, told
from bot.explain.statements.locks import names, nobody_can, until
from bot.facts import Facts
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import code

SEVERITY = Severity.BLOCK
PRESETS = (4, 5)
_KEYS = ("unique", "primary key")


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each line that added such a constraint."""
    for group in blocked(facts, options, Cause.CONSTRAINT_INDEX):
        first = group.items[0]
        built = [item for item in first.effects if item.created and item.constraint]
        name = built[0].relation.rpartition(".")[2] if built else ""
        yield told(
            group,
            f"{code(group.ran.revision.revision)} adds the constraint {code(name)} and builds its "
            f"index in place: {nobody_can(first.mode)} {code(first.tables[0])} "
            f"{until(group.ran)}, and the build takes longer the more rows the table has.",
            _remedies(facts, group),
            title=f"Adding {code(name)} shuts {names(group.tables, 2)} while its index is built",
        )


def _remedies(facts: Facts, group: Group[Blocked]) -> tuple[Remedy, ...]:
    first = group.items[0]
    added = [item for _, item in constraints_of(first.ran) if item.type in _KEYS]
    if added and len(group.items) == 1:
        return tuple(using_index(facts, first.ran, first.tables[0], item) for item in added)
    if added:
        return (using_index(facts, first.ran, first.tables[0], added[0]),)
    return (
        Remedy(
            "Add it while the table is small, or unused",
            "An exclusion constraint cannot take over an index that was built concurrently. Where "
            "the table is large, create a new table with the constraint, copy the rows in batches "
            "and swap the names.",
            "Until the swap, rows have to be written to both.",
        ),
    )
