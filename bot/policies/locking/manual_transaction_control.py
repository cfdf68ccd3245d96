"""BEGIN, COMMIT or ROLLBACK was sent by hand inside a migration.

Alembic and SQLAlchemy do not know of it: what follows a COMMIT runs without a transaction or in
another one than they believe, a failure rolls back less than it seems, and the revision may be
stamped without its changes.

Use `autocommit_block` for what must run outside a transaction, and `begin_nested()` for savepoints.

Reference: https://alembic.sqlalchemy.org/en/latest/api/runtime.html#alembic.runtime.migration.MigrationContext.autocommit_block
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.op_code import autocommit
from bot.explain.code.splitting import written
from bot.explain.statements.group import by_place, finding, message
from bot.explain.statements.ran import Ran, ran
from bot.facts import Facts
from bot.policy import DEFAULTS, Confidence, Finding, Options, Remedy, Severity
from bot.sql import Transaction
from bot.wording import block, code

BY_SIZE = False  # it goes wrong on an empty table, too
SEVERITY = Severity.WARN


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each line with such commands."""
    statements = ran(facts, options)
    found = (
        (each, piece.detail)
        for each in statements
        for piece in each.pieces
        if isinstance(piece.detail, Transaction) and piece.detail.ends_or_begins
    )
    for group in by_place(found, lambda pair: pair[0], lambda _: ()):
        command = group.items[0][1].command.upper()
        following = _following(group.ran, statements)
        yield finding(
            group.ran,
            title=f"{code(command)} by hand: Alembic does not know of it",
            message=message(
                group.ran,
                f"{code(group.ran.revision.revision)} sends {code(command)} itself. Alembic "
                "believes the transaction that it opened is still there, so what follows commits "
                "by itself or not at all, and a failure leaves half of the revision done.",
                known=Confidence.OBSERVED,
            ),
            about=command,
            tables=(),
            confidence=Confidence.CERTAIN,
            remedies=(_remedy(facts, following),),
            count=len(group.items),
        )


def _following(at: Ran, statements: list[Ran]) -> list[Ran]:
    """What runs after it in its revision."""
    own = [each for each in statements if each.revision is at.revision]
    later = own[next((n for n, each in enumerate(own) if each is at), 0) + 1 :]
    return [each for each in later if not any(piece.kind == "transaction" for piece in each.pieces)]


def _remedy(facts: Facts, following: list[Ran]) -> Remedy:
    body = [written(facts, each) for each in following[:2]] or ["..."]
    return Remedy(
        "Let Alembic end the transaction",
        "It commits what came before, and each statement of the block by itself:\n\n"
        + block(autocommit(*dict.fromkeys(body)), "python"),
        "Without a transaction a failure leaves the statements before it done: one statement a "
        "revision is safest.",
    )
