"""A column or table was renamed that the running release knows by its old name.

A rename takes an instant and breaks at once: the old release asks for the old name, the new one
for the new name, and no order of deploying them avoids the time in which one of them fails.

Add the new one, write to both, copy what is there, read from the new one, drop the old one: four
steps, each deployed on its own.

Reference: https://www.postgresql.org/docs/current/sql-altertable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.op_code import call, on_table
from bot.explain.names.names import execute, python_string, sql_name
from bot.explain.releases.releases import Renamed, renamed
from bot.explain.statements.group import finding
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.sql import quoted
from bot.wording import block, code

SEVERITY = Severity.BLOCK
PRESETS = (1, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each rename."""
    for item in renamed(facts):
        old = f"{item.table}.{item.column}" if item.column else item.table
        yield finding(
            item.ran,
            title=f"{code(old)} is renamed in place",
            message=f"It is called {code(item.new)} from the moment this migration commits. The "
            "release that is running then still asks for the old name and fails, until its last "
            "process is gone.",
            about=old,
            tables=(item.table,),
            column=item.column,
            confidence=item.ran.confidence,
            remedies=_remedies(item),
        )


def _remedies(item: Renamed) -> tuple[Remedy, ...]:
    if item.column is None:
        view = f"CREATE VIEW {quoted(item.table.rpartition('.')[2])} AS TABLE {quoted(item.new)}"
        return (
            Remedy(
                "Leave a view under the old name",
                "A simple view can be read and written like the table. Right after the rename, in "
                f"the same transaction:\n\n{block(execute(view), 'python')}\n\nDrop it in a "
                "later release.",
                trade_off="Row security and privileges are those of the view's owner.",
            ),
        )
    table, more = on_table(item.table)
    column = item.upgraded.column_at_base(item.table, item.column)
    kind = column.type.name if column else "text"
    name, old = quoted(item.new), quoted(item.column)
    added = f"ALTER TABLE {sql_name(item.table)} ADD COLUMN {name} {kind}"
    copied = f"UPDATE {sql_name(item.table)} SET {name} = {old} WHERE {name} IS DISTINCT FROM {old}"
    dropped = call("drop_column", table, python_string(item.column), **more)
    steps = (
        f"1. Add it, and let the code write both:\n\n{block(execute(added), 'python')}",
        f"2. Copy what is there, in batches:\n\n{block(execute(copied), 'python')}",
        f"3. Let the code read {code(item.new)} alone; {code(item.column)} leaves the models.",
        f"4. In a later release:\n\n{block(dropped, 'python')}",
    )
    keep = f'{item.new}: Mapped[…] = mapped_column("{item.column}")'
    return (
        Remedy("Keep the column's name, rename the attribute", block(keep, "python")),
        Remedy(
            "Expand, copy, contract",
            "\n\n".join(steps),
            trade_off="Several releases, and both columns are written for a while.",
        ),
    )
