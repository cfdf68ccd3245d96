"""Indexes built, dropped and rebuilt while everybody goes on reading and writing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.explain.code.op_code import (
    autocommit,
    beside,
    call,
    create_index,
    drop_leftover,
    index_name,
    on_table,
)
from bot.explain.names.names import execute, python_string, sql_name
from bot.explain.patch.changes import in_autocommit, with_keyword
from bot.explain.patch.changes import replaced as written_anew
from bot.explain.patch.patch import patched
from bot.explain.patch.plain_call import plain_call
from bot.explain.statements.ran import Ran
from bot.facts import Effect, Facts
from bot.policy import Remedy
from bot.sql import (
    Cluster,
    CreateIndex,
    Drop,
    Name,
    Piece,
    Refresh,
    Reindex,
    Vacuum,
    pieces,
    quoted,
)
from bot.wording import block, code

MOST = 3  # statements of a loop that are written out
RETRY = (
    "A concurrent build takes longer (two passes over the table) and cannot be rolled back: when "
    "it fails it leaves an invalid index behind, which the first line removes on the next attempt. "
    "Its revision should do nothing else."
)


def build_concurrently(facts: Facts, built: Sequence[tuple[Ran, str]]) -> Remedy:
    """``CREATE INDEX CONCURRENTLY`` of these statements' indexes, each with its table."""
    ran, table = built[0]
    if any(item.relation == table and item.kind == "partitioned table" for item in ran.effects):
        return _by_partition(ran, table)
    codes = [text for ran, table in built[:MOST] for text in _indexes(ran, table)]
    more = len(built) - MOST
    return Remedy(
        "Build it concurrently, outside a transaction",
        block("\n".join(codes), "python") + (f"\n\nand so on for {more} more." if more > 0 else ""),
        RETRY,
        _build_patch(facts, *built[0]) if len(built) == 1 else None,
    )


def _by_partition(ran: Ran, table: str) -> Remedy:
    """CONCURRENTLY is refused for a partitioned table: partition by partition, then attached."""
    schema = ran.project.base_schema
    tables = schema.tables if schema else ()
    partitions = [item.full_name for item in tables if item.partition_of == table]
    parsed = [item.detail for item in ran.pieces if isinstance(item.detail, CreateIndex)]
    if not parsed:
        return Remedy("Build it concurrently on each partition, then attach it to the parent's")
    index = parsed[0]
    name = index_name(index, table)
    single, attached = [], []
    for partition in partitions[:MOST] or [f"{table}_<partition>"]:
        own = f"{partition.rpartition('.')[2]}_{name}"
        single += [drop_leftover(partition, own)]
        single += [create_index(replace(index, name=own), partition)]
        attached.append(
            execute(f"ALTER INDEX {beside(table, name)} ATTACH PARTITION {beside(partition, own)}")
        )
    sql = f"CREATE {'UNIQUE ' if index.unique else ''}INDEX {quoted(name)} ON ONLY"
    keys = ", ".join(key.sql for key in index.keys)
    only = execute(f"{sql} {sql_name(table)} USING {index.method} ({keys})")
    return Remedy(
        "Build it concurrently on each partition, then attach it to the parent's",
        "PostgreSQL refuses CONCURRENTLY for a partitioned table itself:\n\n"
        + block("\n".join([autocommit(*single), only, *attached]), "python"),
        "The parent's index is invalid until every partition's is attached; then it becomes valid "
        "by itself.",
    )


def _indexes(ran: Ran, table: str) -> Iterator[str]:
    parsed = [item.detail for item in ran.pieces if isinstance(item.detail, CreateIndex)]
    for index in parsed:
        yield _one(index, table if len(parsed) == 1 else _relation(index.table, ran, table))
    if parsed:
        return
    for effect in ran.effects:  # a DO block or function: the catalogue says what it made
        if effect.created and "index" in effect.kind and not effect.constraint:
            yield from (_one(index, effect.table) for index in _defined(ran, effect))


def _defined(ran: Ran, effect: Effect) -> Iterator[CreateIndex]:
    schema = ran.project.schema
    table = schema.table(effect.table) if schema else None
    for index in table.indexes if table else ():
        if index.name == effect.relation:
            parsed = [piece.detail for piece in pieces(index.definition)]
            yield from (item for item in parsed if isinstance(item, CreateIndex))


def _one(index: CreateIndex, table: str) -> str:
    return autocommit(
        drop_leftover(table, index_name(index, table)),
        create_index(index, table),
    )


def _relation(name: Name, ran: Ran, otherwise: str) -> str:
    fitting = [item.relation for item in ran.effects if name.names(item.relation)]
    return fitting[0] if fitting else otherwise


def _build_patch(facts: Facts, ran: Ran, table: str) -> str | None:
    """The same call, or SQL, with the keyword, in a block of its own."""
    index = ran.pieces[0].detail if len(ran.pieces) == 1 else None
    if not isinstance(index, CreateIndex):
        return None
    leftover = drop_leftover(table, index_name(index, table))
    made = plain_call(facts, ran, "create_index")
    if made:
        keywords = {**made.keywords, "postgresql_concurrently": "True"}
        again = call("op.create_index", *made.arguments, **keywords)
        return patched(
            facts, ran.path, written_anew(ran.line, "create_index", autocommit(leftover, again))
        )
    if plain_call(facts, ran, "execute") and index.name:
        again = execute(_concurrent_sql(ran.pieces[0]))
        return patched(
            facts, ran.path, written_anew(ran.line, "execute", autocommit(leftover, again))
        )
    return None


def _concurrent_sql(piece: Piece) -> str:
    """The statement with CONCURRENTLY behind the word INDEX."""
    head, word, rest = _parted(piece.text, "INDEX")
    return f"{head}{word} CONCURRENTLY{rest}"


def _parted(text: str, word: str) -> tuple[str, str, str]:
    at = text.upper().find(word)
    return text[:at], text[at : at + len(word)], text[at + len(word) :]


def drop_concurrently(facts: Facts, dropped: Sequence[tuple[Ran, Effect]]) -> Remedy:
    """``DROP INDEX CONCURRENTLY`` of these indexes."""
    codes = []
    for _, index in dropped[:MOST]:
        name = python_string(index.relation.rpartition(".")[2])
        literal, schema = on_table(index.table or index.relation.rpartition(".")[0] + ".?")
        owner = {"table_name": literal} if index.table else {}
        codes.append(call("op.drop_index", name, **owner, **schema, postgresql_concurrently="True"))
    patch = None
    if len(dropped) == 1:
        ran = dropped[0][0]
        if plain_call(facts, ran, "drop_index"):
            patch = patched(
                facts,
                ran.path,
                with_keyword(ran.line, "drop_index", postgresql_concurrently="True"),
                in_autocommit(ran.line),
            )
        elif _drops_one(ran) and plain_call(facts, ran, "execute"):
            sql = autocommit(execute(_concurrent_sql(ran.pieces[0])))
            patch = patched(facts, ran.path, written_anew(ran.line, "execute", sql))
    return Remedy(
        "Drop it concurrently, outside a transaction",
        block(autocommit(*codes), "python"),
        "It waits for every transaction that still uses the table, and cannot be rolled back.",
        patch,
    )


def _drops_one(ran: Ran) -> bool:
    detail = ran.pieces[0].detail if len(ran.pieces) == 1 else None
    return isinstance(detail, Drop) and len(detail.names) == 1 and not detail.cascade


def maintain_concurrently(ran: Ran, table: str) -> Remedy:
    """The way round REINDEX, CLUSTER, VACUUM FULL or REFRESH, by which of them it is."""
    detail = ran.pieces[0].detail if ran.pieces else None
    match detail:
        case Refresh(view=view):
            sql = execute(f"REFRESH MATERIALIZED VIEW CONCURRENTLY {view.sql}")
            unique = beside(table, f"{view.name}_key")
            text = (
                f"It needs a unique index on plain columns of {code(table)}, without WHERE "
                f"(call it {code(unique)}), and a first filling without CONCURRENTLY.\n\n"
                + block(sql, "python")
            )
            price = "It compares every row with the old content: slower, but readers go on."
            return Remedy("Refresh it concurrently", text, price)
        case Reindex(object=kind, name=Name() as name):
            sql = f"REINDEX {kind.upper()} CONCURRENTLY {name.sql}"
            return Remedy(
                "Reindex concurrently, outside a transaction",
                block(autocommit(execute(sql)), "python"),
                "It takes longer, and a failed run leaves an invalid index whose name ends in "
                "`_ccnew`: drop that one by hand.",
            )
        case Cluster() | Vacuum():
            return Remedy(
                "Leave it to maintenance, not to a migration",
                "A plain `VACUUM` blocks nobody; `pg_repack` (an extension and a program of its "
                "own) rewrites a table while it is used:\n\n"
                + block(f"pg_repack --table {sql_name(table)}", "sh"),
                "`pg_repack` needs about the table's size in free space, and a primary key.",
            )
        case _:
            return Remedy("Run it when nobody uses the table, outside the chain of migrations")
