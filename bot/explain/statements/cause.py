"""Why a statement keeps others waiting for as long as a table is large: one cause each.

A type change that rewrites, scans and locks is one cause with three consequences. The order of
``Cause`` decides; what else the statement did are its consequences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from bot.explain.statements.expected_alter import altered
from bot.explain.statements.ran import RELATIONS, Ran
from bot.explain.statements.standing import Standing
from bot.explain.statements.unseen_truncate import truncated_unseen
from bot.facts import Effect, Seen
from bot.facts.locks import ACCESS_EXCLUSIVE, blocks, strongest
from bot.policy import Confidence
from bot.sql import AlterTable


class Cause(Enum):
    """The cause that a statement is reported for, the first that fits."""

    REWRITE = "rewrite"
    CONSTRAINT_INDEX = "constraint index"
    INDEX_BUILD = "index build"
    REINDEX = "reindex"
    SCAN = "scan"  # under ACCESS EXCLUSIVE
    SCAN_OF_WRITERS = "scan of writers"  # under a mode that keeps out writers alone


@dataclass(frozen=True)
class Blocked:
    """A statement, its cause, and the existing tables concerned, the one it blocks most first.

    ``mode`` is the strongest that it takes on that table. ``effects`` are those it is judged by.
    """

    ran: Ran
    cause: Cause
    tables: tuple[str, ...]
    mode: str
    confidence: Confidence
    effects: tuple[Effect, ...]


def causes(ran: Ran) -> Iterator[Blocked]:
    """The cause of one statement; of a text with several statements, one for each table.

    What was seen decides. Where it shows no cause and part of the statement was not seen, what
    PostgreSQL's documentation says of it does, with less confidence.
    """
    found: list[Blocked] = []
    if ran.statement.observed:
        found = list(_causes(ran, ran.statement.effects, Confidence.OBSERVED))
    if not found and ran.statement.seen is not Seen.TRANSACTION:
        found = list(_causes(ran, ran.effects, ran.confidence))
    yield from found


def _causes(ran: Ran, effects: Sequence[Effect], confidence: Confidence) -> Iterator[Blocked]:
    if any(piece.kind == "truncate" for piece in ran.pieces):
        return  # it leaves everything new storage with nothing in it
    truncated = {name for name, _ in truncated_unseen(ran)}
    tables = {
        item.relation: item
        for item in effects
        if item.existed and item.kind in RELATIONS and not item.dropped
        if item.relation not in truncated
    }
    together = [tables] if len(ran.pieces) < 2 else [{name: tables[name]} for name in tables]  # noqa: PLR2004 - one statement
    for several in together:
        for cause, rule in _RULES.items():
            names = rule(ran, several, effects)
            if names:
                modes = {name: _mode(ran, several[name]) for name in names}
                first = max(modes, key=lambda name: _weight(modes[name]))
                rest = [name for name in names if name != first]
                mode = modes[first] or ACCESS_EXCLUSIVE
                yield Blocked(ran, cause, (first, *rest), mode, confidence, tuple(effects))
                break


Tables = Mapping[str, Effect]


def _rewrite(ran: Ran, tables: Tables, effects: Sequence[Effect]) -> list[str]:
    del effects
    if _is_maintenance(ran):
        return []
    return [name for name, item in tables.items() if item.rewritten]


def _constraint_index(ran: Ran, tables: Tables, effects: Sequence[Effect]) -> list[str]:
    del ran
    built = [item.table for item in effects if item.created and item.constraint]
    return [name for name in tables if name in built]


def _index_build(ran: Ran, tables: Tables, effects: Sequence[Effect]) -> list[str]:
    indexes = [
        item
        for item in effects
        if "index" in item.kind and not item.constraint and (item.created or item.rewritten)
    ]
    if _is_maintenance(ran) or all(item.kind == "partitioned index" for item in indexes):
        return []  # the index of a partitioned table alone (ON ONLY) has nothing to build
    built = [item.table for item in indexes]
    return [name for name in tables if name in built and _keeps_out(ran, tables[name])]


def _reindex(ran: Ran, tables: Tables, effects: Sequence[Effect]) -> list[str]:
    del effects
    if not _is_maintenance(ran):
        return []
    return [name for name, item in tables.items() if _keeps_out(ran, item)]


def _scan(ran: Ran, tables: Tables, effects: Sequence[Effect]) -> list[str]:
    del effects
    scanned = {name: item for name, item in tables.items() if item.scanned}
    return [name for name, item in scanned.items() if _mode(ran, item) == ACCESS_EXCLUSIVE]


def _scan_of_writers(ran: Ran, tables: Tables, effects: Sequence[Effect]) -> list[str]:
    del effects
    if not any(item.scanned and _keeps_out(ran, item) for item in tables.values()):
        return []
    return [name for name, item in tables.items() if _keeps_out(ran, item)]


_RULES: Mapping[Cause, Callable[[Ran, Tables, Sequence[Effect]], list[str]]] = {
    Cause.REWRITE: _rewrite,
    Cause.CONSTRAINT_INDEX: _constraint_index,
    Cause.INDEX_BUILD: _index_build,
    Cause.REINDEX: _reindex,
    Cause.SCAN: _scan,
    Cause.SCAN_OF_WRITERS: _scan_of_writers,
}


def _is_maintenance(ran: Ran) -> bool:
    kinds = [piece.kind for piece in ran.pieces]
    return bool(kinds) and all(
        kind in ("reindex", "cluster", "vacuum", "refresh") for kind in kinds
    )


def _keeps_out(ran: Ran, effect: Effect) -> bool:
    """Whether others wait: of a materialized view, which nobody writes to, only readers can."""
    who = "reads" if effect.kind == "materialized view" else "writes"
    return who in blocks(_mode(ran, effect))


def _mode(ran: Ran, effect: Effect) -> str:
    """The strongest mode that is the statement's own; "" for none.

    A mode that an earlier statement left is not taken again: it counts where this statement would
    have to take it, too.
    """
    needed = {
        mode
        for piece in ran.pieces
        if isinstance(piece.detail, AlterTable)
        for item in altered(piece.detail, Standing(known=False))[0]
        if item.relation.rpartition(".")[2] == effect.relation.rpartition(".")[2]
        for mode in item.locks
    }
    own = (*effect.locks, *(mode for mode in effect.held if mode in needed))
    return strongest(own) or ""


def _weight(mode: str) -> int:
    return len(blocks(mode))
