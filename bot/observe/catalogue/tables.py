"""A table with all that hangs on it, as facts. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.facts.schema import Column, Partitioning, Table
from bot.observe.catalogue.data_types import DataTypes
from bot.observe.catalogue.keys import Keys
from bot.observe.catalogue.snapshot import Row, Snapshot
from bot.observe.catalogue.structure import RelationRow
from bot.observe.catalogue.values import cut, grants

_STRATEGIES = {"r": "range", "l": "list", "h": "hash"}
_IDENTITIES = {"a": "always", "d": "by default"}


def table(snapshot: Snapshot, relation: RelationRow, types: DataTypes, keys: Keys) -> Table:
    """The table that ``relation`` stands for."""
    name, foreign = keys.name(relation.oid), relation.kind == "f"
    row = snapshot.rows.get(("foreign table" if foreign else "table", name), {})
    parents = tuple(keys.name(oid) for oid in relation.parents or ())
    kind = "foreign table" if foreign else "partitioned table" if relation.strategy else "table"
    return Table(
        schema=relation.schema,
        name=relation.name,
        kind=kind,
        persistence="unlogged" if row.get("persistence") == "u" else "permanent",
        owner=row.get("owner", ""),
        comment=row.get("comment"),
        columns=tuple(_columns(snapshot, relation, name, types)),
        constraints=keys.constraints(relation.oid),
        indexes=keys.indexes(relation.oid),
        triggers=keys.triggers(relation.oid),
        policies=keys.policies(relation.oid),
        row_security=row.get("row security", False),
        forced_row_security=row.get("forced row security", False),
        partitioning=_partitioning(relation, row),
        partition_of=parents[0] if relation.is_partition and parents else None,
        bound=row.get("partition bound"),
        inherits=() if relation.is_partition else parents,
        grants=grants(row),
    )


def _partitioning(relation: RelationRow, row: Row) -> Partitioning | None:
    if not relation.strategy:
        return None
    names = {each.number: each.name for each in relation.attributes or ()}
    return Partitioning(
        _STRATEGIES.get(relation.strategy, relation.strategy),
        row.get("partition key", ""),
        tuple(names.get(number) for number in relation.partition_key or ()),
    )


def _columns(
    snapshot: Snapshot, relation: RelationRow, table: str, types: DataTypes
) -> Iterator[Column]:
    for position, each in enumerate(relation.attributes or (), 1):
        row = snapshot.rows.get(("column", f"{table}.{each.name}"), {})
        expression, generated = row.get("default"), row.get("generated")
        text = cut(expression) if expression else None
        yield Column(
            name=each.name,
            position=position,
            type=types.of(each.type, each.modifier, row.get("type", "")),
            nullable=not row.get("nullability", False),
            default=None if generated else text,
            identity=_IDENTITIES.get(row.get("identity", "")),
            generated=text if generated else None,
            virtual=generated == "v",
            collation=row.get("collation"),
            comment=row.get("comment"),
            inherited="inheritance" in row,
        )
