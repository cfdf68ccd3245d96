"""The names that a standard gives to constraints and indexes, and whether one keeps to it.

A pattern is written as SQLAlchemy writes them (``ix_%(table_name)s_%(column_0_N_name)s``) or
shorter (``idx_{table}_{columns}``). Words of a name may be abbreviated where their letters keep
their order: ``idx_orders_cust_id`` is ``idx_orders_customer_id``.

Source of the keys: SQLAlchemy docs, "Configuring Constraint Naming Conventions".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.explain.names.naming import LONGEST
from bot.facts.relation import Constraint, Index
from bot.facts.schema import Table

KEYS = {"primary key": "pk", "unique": "uq", "check": "ck", "foreign key": "fk"}
"""A constraint's kind as naming conventions call it; an index's is ``ix``."""

CATALOGUE: Mapping[str, tuple[str, ...]] = {
    "ix": ("idx_{table}_{columns}", "ix_{table}_{columns}"),
    "uq": ("uq_{table}_{columns}",),
    "fk": ("fk_{table}_{ref_table}", "fk_{table}_{columns}", "fk_{table}_{columns}_{ref_table}"),
    "ck": ("ck_{table}_{constraint}",),
    "pk": ("pk_{table}",),
}
"""What is taken for a standard where neither the settings nor the metadata state one."""

_ALIASES = {"index": "ix", "unique": "uq", "check": "ck", "primary-key": "pk", "foreign-key": "fk"}
_TOKEN = re.compile(r"%\((\w+)\)s|\{(\w+)\}")
_ANY = "…"  # stands in a filled pattern where any words will do


def patterns(
    naming: Mapping[str, str], metadata: Mapping[str, str] | None
) -> Mapping[str, tuple[str, ...]]:
    """The patterns of each kind: the settings', else the metadata's, else the catalogue's.

    Metadata that states a convention for some kinds leaves the others free.
    """
    stated = {_ALIASES.get(kind, kind): (pattern,) for kind, pattern in naming.items()}
    if metadata:
        return {**{kind: (pattern,) for kind, pattern in metadata.items()}, **stated}
    return {**CATALOGUE, **stated}


def keeps_to(name: str, pattern: str, table: Table, thing: Constraint | Index) -> bool:
    """Whether the name is one that the pattern gives to that constraint or index.

    Of an index on an expression or on some rows only the beginning is given.
    """
    expected = filled(pattern, table, thing)
    shortened = len(name.encode()) >= LONGEST - 3 and name[:40] == expected[:40]
    if name == expected or shortened:
        return True
    literal = _TOKEN.split(pattern, maxsplit=1)[0]
    special = isinstance(thing, Index) and (thing.predicate is not None or None in thing.columns)
    if special or _ANY in expected:
        return name.startswith(f"{literal}{table.name}") or _begins(name, expected.split(_ANY)[0])
    return name.startswith(literal) and _abbreviates(name, expected)


def filled(pattern: str, table: Table, thing: Constraint | Index) -> str:
    """The pattern with the object's own words in it; "…" where any words will do."""
    columns = [column or _ANY for column in thing.columns] or [_ANY]
    target = (thing.references or "") if isinstance(thing, Constraint) else ""
    words = {
        "table": table.name,
        "columns": "_".join(columns),
        "column": columns[0],
        "ref_table": target.rpartition(".")[2],
        "table_name": table.name,
        "column_0_name": columns[0],
        "column_0_key": columns[0],
        "column_0_N_name": "_".join(columns),
        "column_0N_name": "".join(columns),
        "column_0_label": f"{table.name}_{columns[0]}",
        "column_0_N_label": "_".join(f"{table.name}_{column}" for column in columns),
        "referred_table_name": target.rpartition(".")[2],
    }
    return _TOKEN.sub(lambda match: words.get(match[1] or match[2], _ANY), pattern)


def _begins(name: str, expected: str) -> bool:
    """Whether the name starts with that, abbreviated or not."""
    return any(_abbreviates(name[:end], expected) for end in range(1, len(name) + 1))


def _abbreviates(name: str, expected: str) -> bool:
    """Whether the name is the other with letters left out, and no whole word."""
    letters = iter(expected)
    in_order = all(any(letter == other for other in letters) for letter in name)
    return in_order and name.count("_") == expected.count("_")
