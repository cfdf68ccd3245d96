"""What a statement takes the JSON of a column for: a list, an object, members of these types.

PostgreSQL documentation, "JSON Functions and Operators": functions on lists refuse objects and the
other way round (SQLSTATE 22023), the operators ``->`` and ``->>`` give NULL for what is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.sql.names import Name
from bot.sql.tree import nodes, raw, relation, strings

ITEM = None
"""The step of a path that stands for each element of a list."""
Step = str | None

_LISTS = {"array_elements": "", "array_elements_text": "text", "array_length": ""}
_ROWSETS = frozenset({"to_recordset", "populate_recordset"})
_OBJECTS = frozenset({"each", "each_text", "object_keys", "to_record", "populate_record"})
_ASKING = frozenset({"select_stmt", "insert_stmt", "update_stmt", "delete_stmt", "merge_stmt"})
_DEEPEST = 6  # steps of a path


@dataclass(frozen=True)
class JsonUse:
    """That at ``path`` in the JSON of a column there is a value of that kind.

    The column is of one of ``tables``: of the one that it is qualified with, else of any that the
    statement names. ``kind`` is "array", "object", the name of the type that it is cast to, or ""
    where nothing is said of the value itself. ``strict``: PostgreSQL refuses other values.
    ``asked``: a query asks for the kind before it relies on one, which no constraint does.
    """

    column: str
    path: tuple[Step, ...]
    kind: str = ""
    strict: bool = False
    asked: bool = False
    tables: tuple[Name, ...] = ()


@dataclass(frozen=True)
class _Path:
    qualifier: str | None
    column: str
    steps: tuple[Step, ...] = ()

    def to(self, *steps: Step) -> _Path | None:
        whole = (*self.steps, *steps)
        return _Path(self.qualifier, self.column, whole) if len(whole) <= _DEEPEST else None


@lru_cache(maxsize=512)
def json_uses(sql: str) -> tuple[JsonUse, ...]:
    """All that the text says of JSON in columns. Never raises."""
    found: list[JsonUse] = []
    for item in raw(sql):
        if item.node is not None:
            found += _Statement(item.node).uses()
    return tuple(dict.fromkeys(found))


class _Statement:
    """One statement: its relations with their aliases, and names that stand for a path."""

    def __init__(self, root: Any) -> None:
        self._inner = list(nodes(root))
        self._asks = root.WhichOneof("node") in _ASKING
        self._named: dict[str, _Path] = {}
        self._aliases: dict[str, Name] = {}
        for item in self._of("RangeVar"):
            name = relation(item)
            self._aliases[item.alias.aliasname or name.name] = name
        for _ in range(2):  # a name may stand for what another one stands for
            self._name()

    def uses(self) -> Iterator[JsonUse]:
        for item in self._of("FuncCall"):
            yield from self._called(item)
        for item in (*self._of("A_Expr"), *self._of("A_Indirection")):
            path = self._path_of(item)
            if path is not None:
                yield self._use(path)
        for item in self._of("TypeCast"):
            path = self._path(item.arg)
            kind = strings(item.type_name.names)[-1:]
            if path is not None and path.steps and kind and kind[0] not in ("json", "jsonb"):
                yield self._use(path, kind[0])

    def _of(self, kind: str) -> Iterator[Any]:
        return (item for item in self._inner if item.DESCRIPTOR.name == kind)

    def _use(self, path: _Path, kind: str = "", **more: bool) -> JsonUse:
        named = self._aliases.get(path.qualifier or "")
        tables = (named,) if named else tuple(dict.fromkeys(self._aliases.values()))
        return JsonUse(path.column, path.steps, kind, tables=tables, **more)

    def _name(self) -> None:
        """Functions in FROM, and columns of sub-selects, by the names that they get."""
        for item in self._of("RangeFunction"):
            calls = [each for each in nodes(item) if each.DESCRIPTOR.name == "FuncCall"]
            path = self._elements(calls[0]) if calls else None
            if path is not None and item.HasField("alias"):
                for name in (item.alias.aliasname, *strings(item.alias.colnames)):
                    self._named[name] = path
        for item in self._of("ResTarget"):
            path = self._path(item.val) if item.name and item.HasField("val") else None
            if path is not None and path.steps:
                self._named.setdefault(item.name, path)

    def _called(self, call: Any) -> Iterator[JsonUse]:
        name = _function(call)
        path = self._argument(call, name)
        if path is None:
            return
        if name in _LISTS or name in _ROWSETS:
            yield self._use(path, "array", strict=True)
            item = path.to(ITEM)
            kind = "object" if name in _ROWSETS else _LISTS[name]
            if item is not None and kind:
                yield self._use(item, kind)
        elif name in _OBJECTS:
            yield self._use(path, "object", strict=True)
        elif name == "typeof" and self._asks:
            yield self._use(path, asked=True)

    def _path(self, node: Any) -> _Path | None:
        """The place in a column's JSON that an expression stands for."""
        kind = node.WhichOneof("node") or ""
        inner: Any = getattr(node, kind, None)
        if kind == "column_ref":
            return self._column(inner)
        if kind == "type_cast":
            return self._path(inner.arg)
        if kind == "func_call":
            return self._elements(inner)
        return self._path_of(inner) if inner is not None else None

    def _column(self, node: Any) -> _Path | None:
        if not node.fields or not all(each.HasField("string") for each in node.fields):
            return None
        parts = strings(node.fields)
        if parts[-1] in self._named and parts[0] not in self._aliases:
            return self._named[parts[-1]]
        if len(parts) > 1 and parts[-2] in self._named and parts[-1] == "value":
            return self._named[parts[-2]]
        return _Path(parts[-2] if len(parts) > 1 else None, parts[-1])

    def _path_of(self, node: Any) -> _Path | None:
        if node.DESCRIPTOR.name == "A_Indirection":
            base = self._path(node.arg)
            for each in node.indirection:
                step = _constant(each.a_indices.uidx) if each.HasField("a_indices") else None
                base = base.to(*step) if base is not None and step is not None else None
            return base
        if node.DESCRIPTOR.name != "A_Expr" or not node.HasField("lexpr"):
            return None
        symbol = "".join(strings(node.name))
        steps = _constant(node.rexpr, path=symbol in ("#>", "#>>"))
        base = self._path(node.lexpr) if symbol in ("->", "->>", "#>", "#>>") else None
        return base.to(*steps) if base is not None and steps is not None else None

    def _elements(self, call: Any) -> _Path | None:
        """The elements that a call gives."""
        name = _function(call)
        takes = name in ("array_elements", "array_elements_text") or name in _ROWSETS
        path = self._argument(call, name) if takes else None
        return path.to(ITEM) if path is not None else None

    def _argument(self, call: Any, name: str) -> _Path | None:
        """The JSON that a function is given: its first argument, after the row to be filled."""
        place = 1 if name.startswith("populate") else 0
        return self._path(call.args[place]) if name and len(call.args) > place else None


def _function(call: Any) -> str:
    """The name of a function on JSON without what tells its type, "" for any other."""
    name = strings(call.funcname)[-1:]
    for prefix in ("jsonb_", "json_"):
        if name and name[0].startswith(prefix):
            return name[0].removeprefix(prefix)
    return ""


def _constant(node: Any, *, path: bool = False) -> tuple[Step, ...] | None:
    """The steps that a literal names: a key, any element for a number, several for a path."""
    if node.HasField("type_cast"):
        node = node.type_cast.arg
    if not node.HasField("a_const"):
        return None
    kind = node.a_const.WhichOneof("val")
    if kind == "ival":
        return (ITEM,)
    if kind != "sval":
        return None
    text = node.a_const.sval.sval
    if not path:
        return (text,)
    parts = text.strip("{}").split(",")
    return tuple(ITEM if part.lstrip("-").isdecimal() else part.strip('" ') for part in parts)
