"""A concurrent index shared its revision with other changes.

The build commits what came before it and cannot be rolled back. When it fails, the revision is not
stamped although half of it is done: the next attempt stops at the first thing that exists already.

Give it a revision of its own.

Reference: https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from bot.explain.code.op_code import autocommit, create_index, drop_leftover, index_name, steps
from bot.explain.statements.group import finding
from bot.explain.statements.locks import statement_block
from bot.explain.statements.ran import Ran, ran
from bot.facts import Direction, Facts
from bot.policy import DEFAULTS, Confidence, Finding, Options, Remedy, Severity
from bot.sql import AlterTable, CreateIndex, Drop, Piece, Reindex
from bot.wording import code

SEVERITY = Severity.WARN
PRESETS = (3, 5)

_HARMLESS = ("set", "show", "select", "analyze", "comment", "transaction", "unknown")


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each upgrade or downgrade that mixes them, at the first index."""
    for _, several in groupby(ran(facts, options), _run):
        statements = list(several)
        indexes = [item for item in statements if any(map(_builds, item.pieces))]
        others = [item for item in statements if not all(map(_fits, item.pieces))]
        if indexes and others:
            yield _finding(indexes[0], others)


def _run(each: Ran) -> tuple[int, Direction]:
    """What a failure interrupts: one direction of one revision."""
    return id(each.revision), each.statement.direction


def _builds(piece: Piece) -> bool:
    return isinstance(piece.detail, CreateIndex) and piece.detail.concurrently


def _fits(piece: Piece) -> bool:
    """Whether it may stand beside a concurrent build: it changes nothing, or goes with it."""
    if isinstance(piece.detail, CreateIndex | Drop | Reindex):
        return piece.detail.concurrently
    if isinstance(piece.detail, AlterTable):
        added = [action.constraint for action in piece.detail.actions]
        return all(item is not None and item.using_index for item in added)
    return piece.kind in _HARMLESS


def _finding(first: Ran, others: list[Ran]) -> Finding:
    index = next(item.detail for item in first.pieces if isinstance(item.detail, CreateIndex))
    table = next((item.relation for item in first.existing), index.table.name)
    name = index_name(index, table)
    body = autocommit(drop_leftover(table, name), create_index(index, table))
    lines = sorted({item.line for item in others if item.path == first.path})
    where = f"line{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines[:5]))}"
    return finding(
        first,
        title=f"The concurrent index {code(name)} is not alone in its revision",
        message=f"{code(first.revision.revision)} builds {code(name)} concurrently and does other "
        f"things too ({where}). When the build fails (a deadlock, a duplicate, a lost connection) "
        f"the others stay done, the revision is not stamped, and it cannot be run again as it is. "
        f"Beside the build, first:\n\n{statement_block(others[0])}",
        about=name,
        tables=tuple(item.relation for item in first.existing),
        confidence=Confidence.CERTAIN,
        remedies=(
            Remedy(
                "Move the index to a revision of its own",
                steps((f"Its whole upgrade, after {code(first.revision.revision)}:", body)),
            ),
        ),
    )
