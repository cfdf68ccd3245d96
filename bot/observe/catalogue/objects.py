"""Views, functions, types and all else that is no table, as facts. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.facts.data_types import CompositeType, Domain, EnumType, RangeType
from bot.facts.schema import Extension, Function, Namespace, Role, Sequence, View
from bot.observe.catalogue.data_types import DataTypes
from bot.observe.catalogue.keys import Keys
from bot.observe.catalogue.snapshot import Row, Snapshot
from bot.observe.catalogue.structure import Structure
from bot.observe.catalogue.values import cut, grants


def _kind(snapshot: Snapshot, kind: str) -> Iterator[Row]:
    return (row for (found, _), row in snapshot.rows.items() if found == kind)


def views(snapshot: Snapshot, structure: Structure, keys: Keys) -> Iterator[View]:
    """Views and materialized views."""
    materialized = {
        keys.name(row.oid): row.oid for row in structure.relations or () if row.kind == "m"
    }
    for kind in ("view", "materialized view"):
        for row in _kind(snapshot, kind):
            schema, _, name = row["name"].partition(".")
            oid = materialized.get(row["name"]) if kind == "materialized view" else None
            yield View(
                schema=schema,
                name=name,
                kind=kind,
                definition=cut(row["definition"]),
                options=tuple(row.get("options", ())),
                indexes=keys.indexes(oid) if oid is not None else (),
                owner=row.get("owner", ""),
                comment=row.get("comment"),
                grants=grants(row),
            )


def functions(snapshot: Snapshot, structure: Structure) -> Iterator[Function]:
    """Functions and procedures, aggregates left out."""
    more = {row.name: row for row in structure.functions or ()}
    for kind in ("function", "procedure"):
        for row in _kind(snapshot, kind):
            known = more.get(row["name"])
            if known is None:
                continue
            yield Function(
                signature=row["name"],
                kind=kind,
                language=known.language,
                returns=known.returns,
                definition=cut(row["definition"]),
                security_definer=known.security_definer,
                settings=tuple(known.settings or ()),
                public="privileges" not in row
                or any(item.startswith("=") for item in row["privileges"]),
                owner=row.get("owner", ""),
                comment=row.get("comment"),
                grants=grants(row),
            )


def composites(structure: Structure, types: DataTypes) -> Iterator[CompositeType]:
    """Composite types."""
    for row in structure.composites or ():
        attributes = (
            (each.name, types.of(each.type, each.modifier, each.written))
            for each in row.attributes or ()
        )
        yield CompositeType(row.name, tuple(attributes))


def domains(snapshot: Snapshot, types: DataTypes) -> Iterator[Domain]:
    """Domains with their constraints."""
    checks: dict[str, list[str]] = {}
    for row in _kind(snapshot, "constraint"):
        if row.get("parent", [""])[0] == "domain":
            checks.setdefault(row["parent"][1], []).append(row["definition"])
    for row in _kind(snapshot, "domain"):
        yield Domain(
            name=row["name"],
            type=types.named(row["name"], row["type"]),
            nullable=not row["nullability"],
            default=row.get("default"),
            checks=tuple(checks.get(row["name"], ())),
            comment=row.get("comment"),
        )


def enums(snapshot: Snapshot) -> Iterator[EnumType]:
    """Enum types."""
    for row in _kind(snapshot, "type"):
        if "values" in row:
            yield EnumType(row["name"], tuple(row["values"]), row.get("comment"))


def ranges(snapshot: Snapshot) -> Iterator[RangeType]:
    """Range types."""
    for row in _kind(snapshot, "type"):
        if "range" in row:
            yield RangeType(row["name"], row["range"]["subtype"])


def sequences(snapshot: Snapshot) -> Iterator[Sequence]:
    """Sequences, those inside identity columns included."""
    for row in _kind(snapshot, "sequence"):
        schema, _, name = row["name"].partition(".")
        yield Sequence(
            schema=schema,
            name=name,
            type=row["type"],
            owned_by=row.get("owned by"),
            identity="identity" in row,
            owner=row.get("owner", ""),
            grants=grants(row),
        )


def extensions(snapshot: Snapshot) -> Iterator[Extension]:
    """Installed extensions."""
    for row in _kind(snapshot, "extension"):
        yield Extension(row["name"], row["version"], row["schema"])


def namespaces(snapshot: Snapshot) -> Iterator[Namespace]:
    """PostgreSQL's schemas."""
    for row in _kind(snapshot, "schema"):
        yield Namespace(row["name"], row["owner"], grants(row))


def roles(snapshot: Snapshot) -> Iterator[Role]:
    """The cluster's roles."""
    for row in _kind(snapshot, "role"):
        flags = (row[name] for name in ("superuser", "login", "createrole", "bypassrls"))
        yield Role(row["name"], *flags)
