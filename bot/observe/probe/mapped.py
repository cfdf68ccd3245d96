"""What the mappers state: classes, their attributes and relationships."""

from __future__ import annotations

import ast
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator

if TYPE_CHECKING:
    from .lines import Tree

MAX_TEXT = 2_000  # characters of a default, check or docstring
Try = Callable[[str, Callable[[], Any]], Any]


def table_name(table: Any) -> str:
    """``schema.table``; ``public`` stands for a table that states no schema."""
    return f"{table.schema or table.metadata.schema or 'public'}.{table.name}"


def text(value: Any) -> str | None:
    """It as a text of bounded length; None stays None."""
    return None if value is None else str(value)[:MAX_TEXT]


def mappers(metadata: list[Any]) -> Iterator[Any]:
    """Mappers of classes whose table lies in the metadata, in a stable order."""
    tables = {id(table) for item in metadata for table in item.tables.values()}
    seen = set()
    for mapper in _all_mappers():
        table = getattr(mapper, "local_table", None)
        if id(table) in tables and mapper.class_ not in seen:
            seen.add(mapper.class_)
            yield mapper


def _all_mappers() -> list[Any]:
    from sqlalchemy.orm import mapperlib

    found: list[Any] = []
    registries = getattr(mapperlib, "_all_registries", None)  # SQLAlchemy 1.4
    if registries is not None:
        for registry in list(registries()):
            found += registry.mappers
    else:
        known: Any = getattr(mapperlib, "_mapper_registry", {})  # SQLAlchemy 1.3
        found += known
    return sorted(found, key=lambda item: (item.class_.__module__, item.class_.__qualname__))


class Classes:
    """Describes mapped classes; in the files of ``paths`` their lines are looked for."""

    def __init__(self, tree: Tree, paths: Iterable[str], attempt: Try) -> None:
        self._tree = tree
        self._paths = frozenset(paths)
        self._try = attempt
        self._lines: dict[str, dict[str, int]] = {}

    def describe(self, mapper: Any) -> dict[str, Any]:
        """One entry of the answer's ``classes``."""
        found = mapper.class_
        module = sys.modules.get(found.__module__)
        path = self._tree.relative(getattr(module, "__file__", None)) or ""
        own = [item for item in mapper.relationships if item.parent is mapper]
        relationships = [self._try(str(item), partial(_relation, item)) for item in own]
        return {
            "name": found.__name__,
            "qualname": found.__qualname__,
            "path": path,
            "line": self._line(path, found.__qualname__),
            "table": table_name(mapper.local_table),
            "doc": text(_own_doc(found)),
            "style": _style(found),
            "relationships": [told for told in relationships if told],
            "columns": [str(column.name) for column in mapper.local_table.columns],
            "module": str(found.__module__)[:MAX_TEXT],
            "awaitable": any(base.__name__ == "AsyncAttrs" for base in found.__mro__),
        }

    def _line(self, path: str, qualname: str) -> int:
        if path not in self._paths:
            return 0
        if path not in self._lines:
            absolute = self._tree.absolute(path)
            self._lines[path] = self._try(path, partial(_class_lines, absolute)) or {}
        return self._lines[path].get(qualname, 0)


def annotation(mapper: Any, attribute: str | None) -> str | None:
    """The annotation of a mapped attribute as text, None where it has none."""
    if mapper is None or attribute is None:
        return None
    for owner in mapper.class_.__mro__:
        stated = vars(owner).get("__annotations__")
        if stated is None and sys.version_info >= (3, 14):
            stated = getattr(owner, "__annotations__", None)
        found = (stated or {}).get(attribute)
        if found is None:
            continue
        if isinstance(found, type) and not hasattr(found, "__args__"):
            return found.__name__[:200]
        return str(found)[:200]
    return None


def is_deferred(mapper: Any, attribute: str | None) -> bool:
    """Whether a SELECT of the class leaves the attribute out."""
    if mapper is None or attribute is None:
        return False
    return bool(getattr(mapper.attrs.get(attribute), "deferred", False))


def _own_doc(found: type) -> str | None:
    """Not the docstring that a base class, SQLModel or a dataclass brings."""
    doc = vars(found).get("__doc__")
    return None if doc is None or doc.startswith(f"{found.__name__}(") else str(doc)


def _style(found: type) -> str:
    if any(base.__module__.partition(".")[0] == "sqlmodel" for base in found.__mro__):
        return "sqlmodel"
    if hasattr(found, "__dataclass_fields__"):
        return "dataclass"
    names = ("__tablename__", "__table__", "__mapper_args__", "_sa_registry", "registry")
    return "declarative" if any(hasattr(found, name) for name in names) else "imperative"


def _relation(item: Any) -> dict[str, Any]:
    return {
        "name": item.key,
        "target": item.mapper.class_.__name__,
        "target_table": table_name(item.mapper.local_table),
        "direction": item.direction.name,
        "back_populates": text(item.back_populates),
        "backref": bool(item.backref),
        "lazy": str(item.lazy),
        "cascade": sorted(str(word) for word in item.cascade),
        "passive_deletes": bool(item.passive_deletes),
        "uselist": bool(item.uselist),
        "viewonly": bool(item.viewonly),
        "local_columns": sorted(str(column.name) for column in item.local_columns),
        "remote_columns": sorted(str(column.name) for column in item.remote_side),
    }


def _class_lines(filename: str) -> dict[str, int]:
    """Lines of a file's classes by their qualified names."""
    with open(filename, "rb") as file:
        module = ast.parse(file.read())
    found: dict[str, int] = {}

    def walk(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef):
                found.setdefault(prefix + node.name, node.lineno)
                walk(node.body, f"{prefix}{node.name}.")
            elif isinstance(node, (ast.If, ast.Try)):
                walk([*node.body, *node.orelse], prefix)

    walk(module.body, "")
    return found


def uses_asyncio(tree: Tree) -> bool:
    """Whether a module of the tree, env.py included, took from SQLAlchemy's asyncio extension."""
    if "sqlalchemy.ext.asyncio" not in sys.modules:
        return False
    names = ("create_async_engine", "AsyncSession", "AsyncEngine", "async_engine_from_config")
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        inside = isinstance(file, str) and tree.relative(file) is not None
        if inside and any(name in vars(module) for name in names):
            return True
    return False
