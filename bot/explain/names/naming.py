"""Names for indexes and constraints that a remedy creates, in the manner of the project's own."""

from __future__ import annotations

from hashlib import sha256

from bot.facts.schema import Schema, Table

LONGEST = 63  # bytes; PostgreSQL docs, "Identifiers and Key Words": NAMEDATALEN - 1


def index_name(schema: Schema | None, table: str, columns: tuple[str, ...]) -> str:
    """``ix_orders_customer_id``; ``idx_…`` where most of the project's indexes are called so."""
    prefix = "ix"
    if schema is not None:
        names = [
            index.name.partition(".")[2]
            for each in schema.tables
            for index in each.indexes
            if index.constraint is None
        ]
        if sum(n.startswith("idx_") for n in names) > sum(n.startswith("ix_") for n in names):
            prefix = "idx"
    return short("_".join((prefix, table, *columns)))


def constraint_name(kind: str, table: Table, *words: str) -> str:
    """``pk_orders``, ``fk_orders_customers``: the kind's short form, the table, what tells more."""
    return short("_".join((kind, table.name, *words)))


def short(name: str) -> str:
    """The name; one over 63 bytes is cut, and the start of its hash keeps it unlike others."""
    if len(name.encode()) <= LONGEST:
        return name
    digest = sha256(name.encode()).hexdigest()[:4]
    return name.encode()[: LONGEST - 5].decode(errors="ignore").rstrip("_") + "_" + digest
