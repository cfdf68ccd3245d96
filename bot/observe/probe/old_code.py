"""The statements that these models' code would send, run for real and rolled back.

For each mapped table: a SELECT of what is mapped, an UPDATE and a DELETE by key, an INSERT with
every attribute set and one with only those that must be. A statement is sent as SQLAlchemy writes
it, defaults of the Python side included, with the values of a row that is there.
"""

from __future__ import annotations

import datetime as dt
import decimal
import uuid
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator

from . import failures
from .mapped import MAX_TEXT, is_deferred, mappers, table_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .lines import Tree

MAX_TABLES = 300
# foreign_key, restrict (of ON DELETE RESTRICT since 18) and unique violation: PostgreSQL docs,
# Appendix A. They say something of the row that was chosen, not of every row of that code
_OF_THE_ROW = frozenset({"23503", "23001", "23505"})
_LARGE = 10**8  # above it a column of four bytes might overflow
_YEARS = dt.timedelta(days=1_009)  # to a date that no row is likely to have


def exercise(
    connection: Any, metadata: list[Any], only: Iterable[str], tree: Tree
) -> list[dict[str, Any]]:
    """One entry for each statement; ``only`` are the tables to use (``schema.table``).

    The connection's transaction is rolled back at the end whatever happens.
    """
    wanted = frozenset(only)
    found: list[dict[str, Any]] = []
    known: dict[Any, Any] = {}
    for mapper in mappers(metadata):
        if table_name(mapper.local_table) in wanted:
            known.setdefault(mapper.local_table, mapper)
    transaction = connection.begin()
    try:
        for table, mapper in list(known.items())[:MAX_TABLES]:
            found.extend(_Table(connection, table, mapper, tree).exercise())
    finally:
        transaction.rollback()
    return found


class _Table:
    def __init__(self, connection: Any, table: Any, mapper: Any, tree: Tree) -> None:
        self._connection = connection
        self._tree = tree
        self._table = table
        self._class = mapper.class_.__name__
        mapped = {column for attribute in mapper.column_attrs for column in attribute.columns}
        deferred = {
            column
            for attribute in mapper.column_attrs
            for column in attribute.columns
            if is_deferred(mapper, attribute.key)
        }
        self._mapped = [column for column in table.columns if column in mapped]
        self._read = [column for column in self._mapped if column not in deferred]
        self._written = [
            column for column in self._mapped if getattr(column, "computed", None) is None
        ]
        self._keys = list(table.primary_key.columns)

    def exercise(self) -> Iterator[dict[str, Any]]:
        rows: list[Mapping[str, Any]] = []
        yield self._run("select", partial(self._select, rows))
        if not rows:
            for kind in ("update", "delete", "insert", "insert minimal"):
                yield self._entry(kind, skipped="there is no row whose values could be used")
            return
        row = rows[0]
        yield self._run("update", partial(self._update, row))
        yield self._run("delete", partial(self._delete, row))
        yield self._insert("insert", rows, self._required() + self._optional())
        yield self._insert("insert minimal", rows, self._required())

    def _required(self) -> list[Any]:
        """Columns that a row cannot do without and that nothing else fills."""
        return [
            column
            for column in self._written
            if not _is_filled(column) and (not column.nullable or column.primary_key)
        ]

    def _optional(self) -> list[Any]:
        return [
            column
            for column in self._written
            if not _is_filled(column) and column.nullable and not column.primary_key
        ]

    def _select(self, rows: list[Mapping[str, Any]]) -> list[Any]:
        import sqlalchemy

        make: Any = sqlalchemy.select
        takes_list = sqlalchemy.__version__.startswith("1.3.")
        statement = make(self._read) if takes_list else make(*self._read)
        result = self._connection.execute(statement.limit(20))
        types = [str(item[1]) for item in result.cursor.description]
        names = [column.name for column in self._read]
        rows.extend(dict(zip(names, row)) for row in result.fetchall())
        return types

    def _update(self, row: Mapping[str, Any]) -> None:
        values = {
            column.name: row[column.name]
            for column in self._written
            if not column.primary_key and column.name in row and not _is_always_identity(column)
        }
        if values:
            self._connection.execute(self._by_key(self._table.update(), row).values(values))

    def _delete(self, row: Mapping[str, Any]) -> None:
        self._connection.execute(self._by_key(self._table.delete(), row))

    def _by_key(self, statement: Any, row: Mapping[str, Any]) -> Any:
        for column in self._keys or self._read:
            value = row.get(column.name)
            statement = statement.where(column == value if value is not None else column.is_(None))
        return statement

    def _insert(
        self, kind: str, rows: list[Mapping[str, Any]], columns: list[Any]
    ) -> dict[str, Any]:
        """With the values of a row that is there: beside it, in its place, or with others.

        What is told of code that fails in each way is how the row beside it failed.
        """
        told: dict[str, Any] | None = None
        ways = (self._beside, self._in_place, self._with_other_keys, self._with_other_values)
        for row in rows:
            for way in ways:
                entry = self._run(kind, partial(way, row, columns))
                if entry["sqlstate"] not in _OF_THE_ROW:
                    return entry
                told = told or entry
        return told or self._entry(kind)

    def _beside(self, row: Mapping[str, Any], columns: list[Any]) -> None:
        values = {column.name: row.get(column.name) for column in columns}
        nulls = {
            column.name: None
            for column in self._optional()
            if column.name not in values  # what the ORM writes for an attribute that was not set
        }
        self._connection.execute(self._table.insert().values({**nulls, **values}))

    def _in_place(self, row: Mapping[str, Any], columns: list[Any]) -> None:
        self._delete(row)
        self._beside(row, columns)

    def _with_other_keys(self, row: Mapping[str, Any], columns: list[Any]) -> None:
        other = {column.name: _another(row.get(column.name)) for column in self._unique()}
        self._beside({**row, **other}, columns)

    def _with_other_values(self, row: Mapping[str, Any], columns: list[Any]) -> None:
        """A rule that this code does not know, a new UNIQUE, forbids some rows and not all."""
        own = [column for column in columns if not column.foreign_keys]
        other = {column.name: _another(row.get(column.name)) for column in own}
        self._beside({**row, **other}, columns)

    def _unique(self) -> list[Any]:
        """Columns whose values may not come twice, those that refer to other rows left out."""
        found = list(self._keys)
        for constraint in self._table.constraints:
            if constraint.__visit_name__ == "unique_constraint":
                found.extend(constraint.columns)
        for index in self._table.indexes:
            if index.unique:
                found.extend(index.columns)
        return [column for column in found if not column.foreign_keys]

    def _run(self, kind: str, work: Callable[[], Any]) -> dict[str, Any]:
        savepoint = self._connection.begin_nested()
        try:
            types = work()
        except Exception as error:
            savepoint.rollback()
            told = failures.describe(error, self._tree)
            return self._entry(
                kind,
                failed=True,
                sqlstate=told["sqlstate"],
                message=told["message"][:MAX_TEXT],
                statement=(told["statement"] or "")[:MAX_TEXT] or None,
            )
        savepoint.rollback()
        return self._entry(kind, types=types or [])

    def _entry(self, kind: str, **more: Any) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "table": table_name(self._table),
            "model": self._class,
            "kind": kind,
            "columns": [column.name for column in self._read] if kind == "select" else [],
            "types": [],
            "failed": False,
            "sqlstate": None,
            "message": None,
            "statement": None,
            "skipped": None,
        }
        entry.update(more)
        return entry


def _is_filled(column: Any) -> bool:
    """Whether something other than the caller gives it a value."""
    return (
        column.default is not None
        or column.server_default is not None
        or getattr(column, "identity", None) is not None
        or column is getattr(column.table, "_autoincrement_column", None)
    )


def _is_always_identity(column: Any) -> bool:
    return bool(getattr(getattr(column, "identity", None), "always", False))


def _another(value: Any) -> Any:
    """A value like it that no row is likely to have."""
    if isinstance(value, bool) or (isinstance(value, decimal.Decimal) and not value.is_finite()):
        return value
    if isinstance(value, (int, float, decimal.Decimal)):
        return value + (10_007 if value < _LARGE else -10_007)
    if isinstance(value, dt.date):
        return value + _YEARS * (1 if value.year < dt.MAXYEAR // 2 else -1)
    if isinstance(value, str):
        return value[:-1] + ("x" if value[-1:] != "x" else "y")
    return uuid.uuid4() if isinstance(value, uuid.UUID) else value
