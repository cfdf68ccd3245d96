"""Partitions of a table and what their bounds leave uncovered.

Source of the bounds' form: PostgreSQL's ``pg_get_expr(relpartbound, …)``, as in CREATE TABLE.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.explain.schema.new_objects import touched_tables
from bot.explain.schema.origin import Origin, table_made
from bot.facts import Project
from bot.facts.schema import Schema, Table

_HASH = re.compile(r"FOR VALUES WITH \(modulus (\d+), remainder (\d+)\)", re.IGNORECASE)
_RANGE = re.compile(r"FOR VALUES FROM \((.*)\) TO \((.*)\)")
_DEFAULT = "DEFAULT"


@dataclass(frozen=True)
class Parted:
    """A partitioned table of which something changed; ``before`` are its partitions at base."""

    table: Table
    partitions: tuple[Table, ...]
    before: tuple[Table, ...]
    is_new: bool


def parted(project: Project) -> Iterator[Parted]:
    """Partitioned tables that are new or whose partitions changed, partitions themselves too."""
    head, base = project.schema, project.base_schema
    if head is None or base is None:
        return
    touched = {table.full_name for table, _ in touched_tables(project)}
    for table in head.tables:
        if table.partitioning is None:
            continue
        now, then = of(head, table.full_name), of(base, table.full_name)
        changed = {part.full_name for part in now} ^ {part.full_name for part in then}
        if table.full_name in touched or changed:
            known = base.table(table.full_name) is not None
            yield Parted(table, now, then, not known)


def of(schema: Schema, name: str) -> tuple[Table, ...]:
    """The partitions of that table, without theirs."""
    return tuple(item for item in schema.tables if item.partition_of == name)


def leaves(schema: Schema, name: str) -> int:
    """How many tables hold rows of that table, at any depth."""
    count, seen, open_names = 0, {name}, [name]
    while open_names:
        for part in of(schema, open_names.pop()):
            if part.partitioning is None:
                count += 1
            elif part.full_name not in seen:  # facts of a stranger may go round in a circle
                seen.add(part.full_name)
                open_names.append(part.full_name)
    return count


def made(project: Project, found: Parted) -> Origin | None:
    """Where the last new partition was created, else the table."""
    known = {part.full_name for part in found.before}
    new = [part for part in found.partitions if part.full_name not in known]
    origins = [origin for part in new if (origin := table_made(project, part))]
    return max(origins, key=lambda item: item.line) if origins else table_made(project, found.table)


def uncovered(table: Table, partitions: tuple[Table, ...]) -> str | None:
    """Which rows no partition takes, in words; None where each row has a place."""
    bounds = [part.bound or "" for part in partitions]
    strategy = table.partitioning.strategy if table.partitioning else ""
    if _DEFAULT in bounds:
        return None
    if not bounds:
        return "every row, because there is no partition"
    if strategy == "hash":
        return _remainders(bounds)
    text = " ".join(bounds)
    if strategy == "range" and "MINVALUE" in text and "MAXVALUE" in text:
        return None
    return "values that no partition names" if strategy == "list" else "values outside the ranges"


def _remainders(bounds: list[str]) -> str | None:
    parts = [(int(match[1]), int(match[2])) for each in bounds if (match := _HASH.search(each))]
    largest = max((modulus for modulus, _ in parts), default=0)
    missing = [
        number
        for number in range(largest)
        if not any(number % modulus == remainder for modulus, remainder in parts)
    ]
    if not missing:
        return None
    shown = ", ".join(map(str, missing[:5])) + (", …" if missing[5:] else "")
    return f"rows with remainder {shown} of {largest}"


def upper_ends(partitions: tuple[Table, ...]) -> list[str]:
    """Where each range ends, as PostgreSQL writes the value of the key's first column."""
    found = (_RANGE.fullmatch(part.bound or "") for part in partitions)
    return [match[2].split(", ")[0].strip("'") for match in found if match]
