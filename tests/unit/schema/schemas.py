"""Schemas written by hand, as small as a question allows."""

from __future__ import annotations

from dataclasses import replace

from bot.facts import Change, ChangedRevision, Direction, Project, RoundTrip, State, Statement, Step
from bot.facts.data_types import DataType
from bot.facts.relation import Constraint, Index, IndexKey
from bot.facts.schema import Column, Schema, Table

PATH = "migrations/versions/b.py"
BIGINT = DataType("bigint", "bigint", category="N")
TEXT = DataType("text", "text", category="S")


def column(name: str, kind: DataType = TEXT, **more: object) -> Column:
    """A column that can be NULL."""
    return Column(name, 1, kind, **more)  # type: ignore[arg-type]  # of a test's choice


def key(*columns: str, name: str = "pk") -> Constraint:
    """A primary key."""
    return Constraint(name, "primary key", columns, f"PRIMARY KEY ({', '.join(columns)})")


def foreign(name: str, target: str, *columns: str, **more: object) -> Constraint:
    """A foreign key to the other's ``id``."""
    return Constraint(
        name,
        "foreign key",
        columns,
        "",
        references=target,
        referenced=("id",),
        **more,  # type: ignore[arg-type]  # of a test's choice
    )


def index(name: str, *columns: str, **more: object) -> Index:
    """A plain index on columns."""
    keys = tuple(IndexKey(each) for each in columns)
    return Index(f"public.{name}", keys, "", **more)  # type: ignore[arg-type]  # of a test's choice


def table(name: str, *parts: Column | Constraint | Index, **more: object) -> Table:
    """A table in ``public`` made of these."""
    return Table(
        "public",
        name,
        columns=tuple(
            replace(item, position=place)
            for place, item in enumerate((x for x in parts if isinstance(x, Column)), 1)
        ),
        constraints=tuple(item for item in parts if isinstance(item, Constraint)),
        indexes=tuple(item for item in parts if isinstance(item, Index)),
        **more,  # type: ignore[arg-type]  # of a test's choice
    )


def project(base: tuple[Table, ...], head: tuple[Table, ...], *statements: str) -> Project:
    """A change of one revision whose upgrade ran these statements, one a line from 11 on."""
    ran = tuple(
        Statement(Direction.UPGRADE, sql, PATH, 10 + number, 1.0, 1)
        for number, sql in enumerate(statements, 1)
    )
    revision = ChangedRevision(
        "b", PATH, Change.ADDED, ("a",), round_trip=RoundTrip(Step(State.OK, statements=ran))
    )
    return Project(
        "alembic.ini",
        "migrations",
        revisions=(revision,),
        schema=Schema(head),
        base_schema=Schema(base),
    )
