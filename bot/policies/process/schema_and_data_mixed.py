"""A revision changed the schema and the rows of tables that were there before.

The two fail for other reasons, take other times and are undone in other ways. In one transaction
the rows keep the locks of the schema change; when they fail, the schema change is gone with them.

Give the rows a revision of their own, after the schema change and before what needs them.

Reference: https://www.postgresql.org/docs/current/explicit-locking.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.splitting import written
from bot.explain.losses.upgraded import Upgraded, upgraded
from bot.explain.statements.group import finding, message
from bot.explain.statements.ran import Ran
from bot.facts import Change, Facts
from bot.policy import Finding, Remedy, Severity
from bot.sql import Modify
from bot.wording import block, code, several

SEVERITY = Severity.WARN
PACK = "process"
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each new revision, at the first statement that changes rows."""
    for found in upgraded(facts):
        if found.revision.change is not Change.ADDED or not found.changed:
            continue
        changing = list(_rows(found))
        if changing:
            yield _finding(facts, found, changing)


def _rows(found: Upgraded) -> Iterator[tuple[Ran, str]]:
    """The statements that change rows of a table that the change did not make, with its name."""
    for each, piece in found.pieces():
        for modify in piece.modifies:
            table = found.relation(modify.table, each)
            if _counts(modify) and found.existed(table, each):
                yield each, table


def _counts(modify: Modify) -> bool:
    """Not the version table's own row, and not what is kept elsewhere for a moment."""
    return modify.table.name != "alembic_version" and modify.table.schema != "pg_temp"


def _finding(facts: Facts, found: Upgraded, changing: list[tuple[Ran, str]]) -> Finding:
    at = changing[0][0]
    tables = tuple(dict.fromkeys(table for _, table in changing))
    made = tuple(dict.fromkeys(item.label for item in found.changed))
    code_of_rows = "\n".join(dict.fromkeys(written(facts, each) for each, _ in changing[:4]))
    return finding(
        at,
        title=f"{code(found.revision.revision)} changes the schema and rows of {several(tables)}",
        message=message(
            at,
            f"Beside the rows of {several(tables)} it changes {several(made, 3)}. Whatever goes "
            "wrong with one of them takes the other along.",
        ),
        about="mixed",
        tables=tables,
        confidence=at.confidence,
        count=len(changing),
        remedies=(
            Remedy(
                "Move the rows into a revision of their own",
                block(f"def upgrade() -> None:\n{_indented(code_of_rows)}", "python"),
                trade_off="One more revision; what needs the rows filled comes after it.",
            ),
        ),
    )


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.splitlines())
