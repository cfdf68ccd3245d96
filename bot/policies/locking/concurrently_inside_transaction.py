"""A CONCURRENTLY statement ran inside a transaction, which PostgreSQL refuses.

It commits several times on its own, so it cannot be part of a transaction, and Alembic runs every
revision in one: the upgrade stops there.

Run it in an `autocommit_block`, in a revision of its own.

Reference: https://alembic.sqlalchemy.org/en/latest/api/runtime.html#alembic.runtime.migration.MigrationContext.autocommit_block
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.op_code import autocommit
from bot.explain.names.names import execute
from bot.explain.patch.changes import in_autocommit
from bot.explain.patch.patch import patched
from bot.explain.statements.group import finding
from bot.explain.statements.locks import statement_block
from bot.explain.statements.ran import Ran, ran
from bot.facts import Facts
from bot.policy import DEFAULTS, Confidence, Finding, Options, Remedy, Severity
from bot.sql import Piece
from bot.wording import block, code

BY_SIZE = False  # it goes wrong on an empty table, too
SEVERITY = Severity.BLOCK
PRESETS = (5,)

_REFUSED = "25001"  # active_sql_transaction


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each such statement that was refused."""
    for each in ran(facts, options):
        for piece in each.pieces if each.statement.sqlstate == _REFUSED else ():
            if _is_concurrent(piece):
                yield _finding(facts, each, piece)


def _is_concurrent(piece: Piece) -> bool:
    actions = getattr(piece.detail, "actions", ())
    return any(item.concurrently for item in actions) or getattr(
        piece.detail, "concurrently", False
    )


def _finding(facts: Facts, each: Ran, piece: Piece) -> Finding:
    command = f"{piece.kind.upper()} CONCURRENTLY"
    tables = tuple(item.relation for item in each.existing)
    return finding(
        each,
        title=f"{code(command)} cannot run inside a transaction",
        message=f"Alembic runs {code(each.revision.revision)} in a transaction, and PostgreSQL "
        f"refused this statement there (SQLSTATE {code(_REFUSED)}):\n\n{statement_block(each)}",
        about=command,
        tables=tables,
        confidence=Confidence.OBSERVED,
        remedies=(
            Remedy(
                "Run it outside the transaction",
                block(autocommit(execute(piece.text)), "python"),
                "What the revision did before it is committed when the block begins, so it should "
                "stand in a revision of its own: a failure then leaves nothing half done.",
                patched(facts, each.path, in_autocommit(each.line)),
            ),
        ),
    )
