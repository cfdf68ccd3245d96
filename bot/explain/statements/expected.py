"""What PostgreSQL's documentation says that a statement locks, reads and writes.

It stands in where nobody saw the statement: one that failed, or one outside a transaction that was
over too soon. Source: PostgreSQL docs, "Explicit Locking" (table-level locks) and the notes of each
command's page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.explain.statements.expected_alter import altered
from bot.explain.statements.standing import Standing
from bot.facts import Effect
from bot.facts.locks import (
    ACCESS_EXCLUSIVE,
    EXCLUSIVE,
    ROW_EXCLUSIVE,
    SHARE,
    SHARE_UPDATE_EXCLUSIVE,
)
from bot.policy import Confidence
from bot.sql import (
    AlterTable,
    Cluster,
    CreateIndex,
    Drop,
    LockTable,
    Name,
    Piece,
    Refresh,
    Reindex,
    Rename,
    Truncate,
    Vacuum,
)


def expected(pieces: Iterable[Piece], standing: Standing) -> tuple[tuple[Effect, ...], Confidence]:
    """The effects of these statements, and how sure they are.

    ``likely`` where they depend on what the parser cannot know: whether a type change is binary
    compatible, whether a validated CHECK saves a scan.
    """
    effects: list[Effect] = []
    confidence = Confidence.CERTAIN
    for piece in pieces:
        if isinstance(piece.detail, AlterTable):
            found, sure = altered(piece.detail, standing)
            effects += found
            confidence = confidence if sure else Confidence.LIKELY
        else:
            effects += _plain(piece, standing)
    return tuple(effects), confidence


def _on(
    standing: Standing,
    name: Name,
    mode: str,
    *,
    scanned: bool = False,
    rewritten: bool = False,
    dropped: bool = False,
) -> Effect:
    """One lock on a table."""
    relation = standing.relation(name)
    table = standing.table(relation)
    return Effect(
        relation=relation,
        kind=table.kind if table else "table",
        table=relation,
        existed=standing.existed(relation),
        locks=(mode,),
        scanned=scanned,
        rewritten=rewritten,
        dropped=dropped,
    )


def _plain(piece: Piece, standing: Standing) -> Iterator[Effect]:
    match piece.detail:
        case CreateIndex() as index:
            yield from _create_index(index, standing)
        case Drop() as drop:
            yield from _drop(drop, standing)
        case Truncate(tables=tables):
            yield from (_on(standing, name, ACCESS_EXCLUSIVE) for name in tables)
        case LockTable(tables=tables, mode=mode):
            yield from (_on(standing, name, mode) for name in tables)
        case Refresh(view=view) as refresh:
            mode = EXCLUSIVE if refresh.concurrently else ACCESS_EXCLUSIVE
            yield _on(standing, view, mode, rewritten=not refresh.concurrently)
        case Cluster(table=Name() as name):
            yield _on(standing, name, ACCESS_EXCLUSIVE, scanned=True, rewritten=True)
        case Vacuum(command="vacuum", full=True) as vacuum:
            for name in vacuum.tables:
                yield _on(standing, name, ACCESS_EXCLUSIVE, scanned=True, rewritten=True)
        case Reindex() as reindex:
            yield from _reindex(reindex, standing)
        case Rename(relation=Name() as name):
            yield _on(standing, name, ACCESS_EXCLUSIVE)
        case _:
            for modify in piece.modifies:
                yield _on(standing, modify.table, ROW_EXCLUSIVE)


def _create_index(index: CreateIndex, standing: Standing) -> Iterator[Effect]:
    mode = SHARE_UPDATE_EXCLUSIVE if index.concurrently else SHARE
    table = _on(standing, index.table, mode, scanned=True)
    yield table
    yield Effect(
        relation=f"{table.relation.rpartition('.')[0]}.{index.name or ''}",
        kind="index",
        table=table.relation,
        existed=False,
        created=True,
    )


def _drop(drop: Drop, standing: Standing) -> Iterator[Effect]:
    if drop.object == "index":
        mode = SHARE_UPDATE_EXCLUSIVE if drop.concurrently else ACCESS_EXCLUSIVE
        for name in drop.names:
            index = standing.relation(name)
            table = standing.indexes.get(index)
            existed = standing.existed(table or index)
            if table:
                yield Effect(table, table=table, existed=existed, locks=(mode,))
            yield Effect(index, "index", table or "", existed, (mode,), dropped=True)
    elif drop.object in ("table", "materialized view"):
        for name in drop.names:
            yield _on(standing, name, ACCESS_EXCLUSIVE, dropped=True)
    elif drop.relation is not None:
        yield _on(standing, drop.relation, ACCESS_EXCLUSIVE)


def _reindex(reindex: Reindex, standing: Standing) -> Iterator[Effect]:
    if reindex.name is None or reindex.object not in ("table", "index"):
        return
    mode = SHARE_UPDATE_EXCLUSIVE if reindex.concurrently else SHARE
    if reindex.object == "table":
        yield _on(standing, reindex.name, mode, scanned=True)
        return
    index = standing.relation(reindex.name)
    table = standing.indexes.get(index)
    existed = standing.existed(table or index)
    if table:
        yield Effect(table, table=table, existed=existed, locks=(mode,), scanned=True)
    own = mode if reindex.concurrently else ACCESS_EXCLUSIVE
    yield Effect(index, "index", table or "", existed, (own,), rewritten=True)
