"""A table that existed lost all of its rows.

TRUNCATE, or a DELETE without a condition, takes every row on every database that the migration
reaches, production included. No downgrade brings them back.

Delete the rows that are meant, by a condition. Where all of them are, copy them first, or empty the
table by hand and on purpose instead of with each deployment.

Reference: https://www.postgresql.org/docs/current/sql-truncate.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.losses.emptied import Emptied, emptied
from bot.explain.losses.keeping import copied, copy_of
from bot.explain.losses.upgraded import upgraded
from bot.explain.names.names import execute, sql_name
from bot.explain.schema.row_cascades import cascades_down, reached
from bot.explain.statements.group import Group, by_place, finding, least_sure
from bot.explain.statements.locks import names, statement_block
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code, several

SEVERITY = Severity.BLOCK
PRESETS = (4, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each line that empties tables."""
    for found in upgraded(facts):
        for group in by_place(emptied(found), lambda item: item.ran, lambda item: (item.table,)):
            yield _finding(group)


def _finding(group: Group[Emptied]) -> Finding:
    at = code(group.ran.revision.revision)
    unnamed = [item.table for item in group.items if item.unnamed]
    more = f"\n\nCASCADE reached {names(unnamed)}, which it does not name." if unnamed else ""
    further = _further(group)
    more += f"\n\nON DELETE CASCADE takes rows of {names(further)} along." if further else ""
    table = group.tables[0]
    return finding(
        group.ran,
        title=f"{at} empties {several(group.tables, 3)}",
        message=f"Every row of {names(group.tables)} is gone after this:\n\n"
        + statement_block(group.ran)
        + more,
        about=",".join(group.tables),
        tables=group.tables,
        confidence=least_sure(item.confidence for item in group.items),
        remedies=(
            _copy(group.items[0]),
            Remedy(
                "Say why they may go",
                block(
                    f"# db-recheck: allow truncated-or-emptied: {table} is rebuilt every night",
                    "python",
                )
                + "\n\nOn the line above, with your own reason.",
                trade_off="The rows of every database that this revision ever reaches are gone.",
            ),
        ),
        count=len(group.tables),
    )


def _further(group: Group[Emptied]) -> list[str]:
    """Tables whose rows go with those of the emptied ones."""
    schema = group.ran.project.base_schema
    links = cascades_down(schema) if schema else {}
    found = {name for table in group.tables for name in reached(table, links)}
    return sorted(found - {*group.tables})


def _copy(item: Emptied) -> Remedy:
    copy, table = sql_name(copy_of(item.upgraded, item.table)), sql_name(item.table)
    back = execute(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM {copy}")
    known = item.upgraded.at_base(item.table)
    generated = known is not None and any(column.generated for column in known.columns)
    text = f"Before it is emptied:\n\n{block(copied(item.upgraded, item.table), 'python')}"
    if not generated:
        text += f"\n\nAnd in `downgrade()`:\n\n{block(back, 'python')}"
    return Remedy(
        f"Copy {code(item.table)} first",
        text,
        trade_off="Reads the whole table while the migration runs. The finding stays: waive it and "
        "name the copy.",
    )
