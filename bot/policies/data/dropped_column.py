"""A column was dropped, and with it the value in every row.

The downgrade can bring the column back, but not what was in it. Until the last process of the old
release is gone, its code still reads and writes the column and fails.

First release code that does without the column, then drop it in a revision of a later release.
Keep a copy where somebody may still ask for the values.

Reference: https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-DROP-COLUMN
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.explain.code.alembic_code import alter_column
from bot.explain.losses.keeping import copied, put_back
from bot.explain.losses.lost import Lost, lost_columns
from bot.explain.losses.upgraded import upgraded
from bot.explain.schema.mapped import unmapped
from bot.explain.statements.group import Group, by_place, finding, least_sure
from bot.explain.statements.locks import names
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code, several

SEVERITY = Severity.WARN
PRESETS = (3, 4, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each line that drops columns."""
    for found in upgraded(facts):
        for group in by_place(
            lost_columns(found), lambda item: item.ran, lambda item: (item.table,)
        ):
            yield _finding(group)


def _finding(group: Group[Lost]) -> Finding:
    first, columns = group.items[0], [f"{each.table}.{each.column}" for each in group.items]
    one = len(columns) == 1
    defined = "\n".join(
        f"- {code(f'{each.table}.{each.column}')}: {code(each.definition or 'of an unknown type')}"
        for each in group.items[:30]
    )
    released = all(unmapped(each.upgraded.project, each.table, each.column) for each in group.items)
    mapped = (
        "The models on the base branch do not map it any more: the running release does without."
        if released
        else "Code of the running release that still uses what is gone fails from then on."
    )
    at = code(group.ran.revision.revision)
    said = finding(
        group.ran,
        title=f"{at} drops column{'' if one else 's'} {several(columns, 3)}",
        message=f"{at} takes {'a column' if one else f'{len(columns)} columns'} of "
        f"{names(group.tables)} away with the value in every row; a downgrade does not bring the "
        f"values back.\n\n{defined}\n\n{mapped}",
        about=",".join(columns),
        tables=group.tables,
        confidence=least_sure(each.confidence for each in group.items),
        remedies=_remedies(group, first, released=released),
        count=len(columns),
        column=first.column if one else None,
    )
    return replace(said, severity=Severity.NOTE) if released else said


def _remedies(group: Group[Lost], first: Lost, *, released: bool) -> tuple[Remedy, ...]:
    columns = [each.column or "" for each in group.items if each.table == first.table]
    keep = "Before the column goes:\n\n" + block(
        copied(first.upgraded, first.table, columns), "python"
    )
    back = put_back(first.upgraded, first.table, columns)
    if back:
        keep += (
            f"\n\nAnd in `downgrade()`, once the column is there again:\n\n{block(back, 'python')}"
        )
    copy = Remedy(
        "Keep a copy of the values",
        keep,
        trade_off="Reads the whole table while the migration runs, and keeps what a privacy rule "
        "may want gone: note when the copy is to be dropped.",
    )
    return (copy,) if released else (_later(first), copy)


def _later(first: Lost) -> Remedy:
    """Leave the column in place for one release, so that new code can do without it."""
    column = first.upgraded.column_at_base(first.table, first.column or "")
    table = first.upgraded.at_base(first.table)
    text = "Take it out of the models and leave it in the table for this release."
    if table and column and not column.nullable and column.default is None:
        relaxed = alter_column(table, column.name, nullable="True")
        text += f" So that rows can be written without it:\n\n{block(relaxed, 'python')}"
    text += "\n\nDrop it in a revision of the next release, when no process of this one runs."
    return Remedy(
        "Stop using it in this release, drop it in the next", text, trade_off="One more release."
    )
