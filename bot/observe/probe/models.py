"""What the models state, read from the metadata and the mappers: the answer of ``models``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Iterable

from .bases import bases, versions
from .mapped import (
    MAX_TEXT,
    Classes,
    annotation,
    is_deferred,
    mappers,
    table_name,
    text,
    uses_asyncio,
)

if TYPE_CHECKING:
    from .lines import Tree

MAX_TABLES = 3_000
_IX = {"ix": "ix_%(column_0_label)s"}  # SQLAlchemy's own, when nobody set a convention
_KINDS = {
    "primary_key_constraint": "primary",
    "unique_constraint": "unique",
    "check_constraint": "check",
    "table_or_column_check_constraint": "check",
    "column_check_constraint": "check",
    "foreign_key_constraint": "foreign",
    "exclude_constraint": "exclude",
}


class Reader:
    """Reads one tree's models; ``unread`` collects what could not be read.

    ``paths`` are the files of the tree in which the lines of classes are looked for.
    """

    def __init__(self, tree: Tree, dialect: Any, paths: Iterable[str]) -> None:
        self._tree = tree
        self._dialect = dialect
        self._classes = Classes(tree, paths, self._try)
        self._attributes: dict[int, tuple[str, Any]] = {}
        self.unread: list[str] = []

    def read(self, metadata: list[Any]) -> dict[str, Any]:
        """The answer's ``models``."""
        self._configure()
        known = list(mappers(metadata))
        for mapper in known:
            for attribute in mapper.column_attrs:
                for column in attribute.columns:
                    self._attributes.setdefault(id(column), (attribute.key, mapper))
        tables = [table for item in metadata for table in item.tables.values()]
        if len(tables) > MAX_TABLES:
            self.unread.append(f"tables after the first {MAX_TABLES}")
        described: dict[str, dict[str, Any]] = {}
        for table in tables[:MAX_TABLES]:
            if found := self._try(table_name(table), partial(self._table, table)):
                described.setdefault(found["name"], found)
        describe = self._classes.describe
        classes = [self._try(item.class_.__name__, partial(describe, item)) for item in known]
        return {
            "tables": list(described.values()),
            "classes": [told for told in classes if told],
            "naming_convention": _convention(metadata),
            "asynchronous": uses_asyncio(self._tree),
            "unread": self.unread[:100],
            "bases": self._try("the declarative bases", lambda: bases(self._tree, known)) or [],
            "versions": versions(),
        }

    def _configure(self) -> None:
        from sqlalchemy import orm

        try:
            orm.configure_mappers()
        except Exception as error:
            why = f"{type(error).__name__}: {error}"[:300]
            self.unread.append(f"relationships, because the mappers cannot be configured: {why}")

    def _try(self, what: str, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except Exception as error:
            self.unread.append(f"{what}: {type(error).__name__}: {error}"[:300])
            return None

    def _table(self, table: Any) -> dict[str, Any]:
        name = table_name(table)
        constraints = (self._try(name, partial(self._constraint, c)) for c in table.constraints)
        indexes = (self._try(name, partial(self._index, index)) for index in table.indexes)
        return {
            "name": name,
            "columns": [self._column(column) for column in table.columns],
            # SQLAlchemy keeps both in sets, whose order is another one in each process
            "constraints": sorted((item for item in constraints if item), key=repr),
            "indexes": sorted((item for item in indexes if item), key=repr),
            "comment": text(table.comment),
        }

    def _column(self, column: Any) -> dict[str, Any]:
        attribute, mapper = self._attributes.get(id(column), (None, None))
        kind = column.type
        return {
            "name": str(column.name),
            "type": self._try(str(column), lambda: str(kind.compile(self._dialect))) or "",
            "nullable": bool(column.nullable),
            "primary_key": bool(column.primary_key),
            "attribute": attribute,
            "server_default": self._try(str(column), partial(self._default, column)),
            "default": _python_default(column.default),
            "onupdate": _python_default(column.onupdate),
            "server_onupdate": column.server_onupdate is not None,
            "identity": getattr(column, "identity", None) is not None,
            "computed": getattr(column, "computed", None) is not None,
            "autoincrement": column is getattr(column.table, "_autoincrement_column", None),
            "references": sorted(target for key in column.foreign_keys if (target := _target(key))),
            "literals": [str(value) for value in getattr(kind, "enums", None) or ()][:500],
            "annotation": annotation(mapper, attribute),
            "deferred": is_deferred(mapper, attribute),
            "comment": text(column.comment),
        }

    def _default(self, column: Any) -> str | None:
        default = column.server_default
        argument = getattr(default, "arg", None)
        if default is None or hasattr(default, "sqltext"):  # of a generated column
            return None
        if argument is None:  # FetchedValue(): there is one, and only the server knows it
            return ""
        if isinstance(argument, str):
            return "'" + argument[:MAX_TEXT].replace("'", "''") + "'"
        return self._sql(argument)

    def _sql(self, expression: Any) -> str:
        literal = {"literal_binds": True}
        return str(expression.compile(dialect=self._dialect, compile_kwargs=literal))[:MAX_TEXT]

    def _constraint(self, constraint: Any) -> dict[str, Any] | None:
        kind = _KINDS.get(constraint.__visit_name__)
        columns = [str(column.name) for column in getattr(constraint, "columns", ())]
        if kind is None or (kind == "primary" and not columns):
            return None
        elements = getattr(constraint, "elements", ()) if kind == "foreign" else ()
        return {
            "kind": kind,
            "name": self._name(constraint),
            "columns": columns,
            "references": [_target(key) for key in elements],
            "on_delete": text(getattr(constraint, "ondelete", None)),
            "on_update": text(getattr(constraint, "onupdate", None)),
            "sql": self._sql(constraint.sqltext) if kind == "check" else None,
        }

    def _index(self, index: Any) -> dict[str, Any]:
        options = index.dialect_options["postgresql"]
        where = options.get("where")
        return {
            "name": self._name(index),
            "columns": [
                str(item.name) if hasattr(item, "server_default") else self._sql(item)
                for item in index.expressions
            ],
            "unique": bool(index.unique),
            "method": text(options.get("using") or None),
            "where": where if where is None or isinstance(where, str) else self._sql(where),
        }

    def _name(self, item: Any) -> str | None:
        """Its name as it is sent to the server: the naming convention applied, cut at 63."""
        preparer = self._dialect.identifier_preparer
        method = "format_index" if item.__visit_name__ == "index" else "format_constraint"
        formatted = None if item.name is None else getattr(preparer, method)(item)
        return None if formatted is None else str(formatted).strip('"')


def _convention(metadata: list[Any]) -> dict[str, str] | None:
    for item in metadata:
        stated = dict(getattr(item, "naming_convention", None) or {})
        found = {
            key: value
            for key, value in stated.items()
            if isinstance(key, str) and isinstance(value, str)
        }
        if found and found != _IX:
            return found
    return None


def _target(key: Any) -> str:
    """``schema.table.column`` of a foreign key, whether or not its table is known."""
    parts = str(key.target_fullname).split(".")
    return ".".join(["public", *parts][-3:])


def _python_default(default: Any) -> str | None:
    if default is None:
        return None
    if getattr(default, "is_callable", False):
        function = getattr(default.arg, "__wrapped__", default.arg)
        owner = getattr(function, "__self__", None)  # of a method written in C
        module = getattr(function, "__module__", "") or getattr(owner, "__module__", "") or ""
        name = getattr(function, "__qualname__", type(function).__name__)
        return f"callable {module}.{name}"[:200]
    if getattr(default, "is_scalar", False):
        return f"value {type(default.arg).__name__}"
    return "sql"
