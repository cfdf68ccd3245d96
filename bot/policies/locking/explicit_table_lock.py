"""A table was locked by hand, or its triggers were switched off.

LOCK TABLE holds what it takes until the transaction ends. With triggers disabled, or with
`session_replication_role = replica`, foreign keys and audit triggers do not run either: rows that
break them get in and nobody is told.

Take the lock that the statement itself takes; let triggers run, and change rows in batches.

Reference: https://www.postgresql.org/docs/current/sql-lock.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.names.names import execute, sql_name
from bot.explain.statements.group import finding, message
from bot.explain.statements.locks import mode_name, names, nobody_can, until
from bot.explain.statements.ran import Ran, ran
from bot.facts import Facts
from bot.facts.locks import blocks
from bot.policy import DEFAULTS, Confidence, Finding, Options, Remedy, Severity
from bot.sql import AlterTable, LockTable, Piece, SetParameter
from bot.wording import block, code, verb

SEVERITY = Severity.WARN
PRESETS = (5,)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each such command on an existing table."""
    for each in ran(facts, options):
        tables = tuple(item.relation for item in each.existing)
        for piece in each.pieces:
            match piece.detail:
                case LockTable(mode=mode) if tables and blocks(mode):
                    yield _locked(each, mode, tables)
                case AlterTable(actions=actions) if tables:
                    off = [item.name for item in actions if item.kind == "disable trigger"]
                    if off:
                        yield _disabled(each, piece, tables, off[0] or "ALL")
                case SetParameter(parameter="session_replication_role", value="replica"):
                    yield _silenced(each)
                case _:
                    pass


def _locked(each: Ran, mode: str, tables: tuple[str, ...]) -> Finding:
    own = [name for name in tables if name]
    return finding(
        each,
        title=f"{names(own, 2)} {verb(own, 'is', 'are')} locked by hand",
        message=message(
            each,
            f"{code(each.revision.revision)} takes {code(mode_name(mode))}: {nobody_can(mode)} "
            f"{names(own)} {until(each)}.",
        ),
        about="lock:" + ",".join(own),
        tables=tables,
        confidence=Confidence.CERTAIN,
        remedies=(
            Remedy(
                "Leave the lock out",
                "Every statement takes the weakest lock that it needs. Against concurrent changes "
                "of the same rows, lock the rows: `SELECT … FOR UPDATE` in each batch.",
            ),
        ),
    )


def _disabled(each: Ran, piece: Piece, tables: tuple[str, ...], name: str) -> Finding:
    table = next((item for item in tables if piece.relation and piece.relation.names(item)), "")
    enable = execute(f"ALTER TABLE {sql_name(table or tables[0])} ENABLE TRIGGER {name}")
    return finding(
        each,
        title=f"Triggers of {code(table or tables[0])} are switched off",
        message=message(
            each,
            f"With {code(name)} disabled, what they guard is not checked for rows that change "
            "meanwhile, foreign keys included, and it is not checked afterwards. The command "
            "itself waits for every writer of the table.",
        ),
        about=f"trigger:{table}:{name}",
        tables=tables,
        confidence=Confidence.CERTAIN,
        remedies=(
            Remedy(
                "Let the triggers run, and change the rows in batches",
                "Where they must be off, switch them on again in the same transaction, and check "
                f"the rows that changed:\n\n{block(enable, 'python')}",
            ),
        ),
    )


def _silenced(each: Ran) -> Finding:
    return finding(
        each,
        title="`session_replication_role = replica` switches off foreign keys and triggers",
        message=message(
            each,
            f"From here on {code(each.revision.revision)} changes rows without foreign keys, "
            "triggers and rules, on every table. It takes a superuser, too.",
        ),
        about="session_replication_role",
        tables=(),
        confidence=Confidence.CERTAIN,
        remedies=(
            Remedy(
                "Load in an order that the foreign keys accept",
                "Parents first; or make the keys deferrable and check them at the end:\n\n"
                + block('op.execute("SET CONSTRAINTS ALL DEFERRED")', "python"),
            ),
        ),
    )
