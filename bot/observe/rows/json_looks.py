"""Who says what the JSON of base's columns looks like: the upgrade, and the models. Pure.

What a CHECK constraint demands and what the column's own default is goes before both (``plan``). A
wrong guess would make a sound upgrade fail: where statements contradict each other, or ask for the
kind before they rely on it, they say nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.facts import Direction, Project
from bot.facts.models import ModelColumn, Models
from bot.facts.schema import Schema
from bot.observe.rows.json_shape import Json, is_json
from bot.sql.json_uses import ITEM, JsonUse, Step, json_uses

Looks = Mapping[tuple[str, str], Json]
"""By table and column."""
_MOST = 300  # statements that are read
_LIKELY = ("json", "->", "#>")  # in the text of a statement that looks into JSON
_LEAVES = {
    **dict.fromkeys(("int2", "int4", "int8", "numeric", "float4", "float8"), "number"),
    **dict.fromkeys(("text", "varchar", "bpchar", "name", "citext"), "text"),
    **dict.fromkeys(("date", "timestamp", "timestamptz"), "date"),
    "bool": "boolean",
    "uuid": "uuid",
    "array": "array",
    "object": "object",
}
_PYTHON = {
    **dict.fromkeys(("list", "List", "Sequence", "set", "tuple"), "array"),
    **dict.fromkeys(("dict", "Dict", "Mapping", "MutableMapping"), "object"),
    "str": "text",
    "int": "number",
    "float": "number",
    "bool": "boolean",
    "UUID": "uuid",
}


def looks_at_base(project: Project, models: Callable[[], Models | None]) -> Looks:
    """What JSON of base's rows looks like; ``models`` are asked where there is any."""
    base = project.base_schema
    if base is None or not _has_json(base):
        return {}
    return looks(base, _statements(project, Direction.UPGRADE), models())


def looks_at_head(project: Project, before: Looks) -> Looks:
    """What JSON of head's rows looks like: as at base, unless the downgrades read it otherwise."""
    head = project.schema
    if head is None or not _has_json(head):
        return before
    return {**before, **looks(head, _statements(project, Direction.DOWNGRADE), None)}


def looks(base: Schema, statements: Iterable[str], models: Models | None) -> Looks:
    """The looks that the upgrade's statements and head's models tell of base's columns.

    What PostgreSQL would refuse otherwise goes before the model's word, which may be a new one.
    """
    columns = {
        (table.full_name, column.name)
        for table in base.tables
        for column in table.columns
        if is_json(column.type)
    }
    found = dict(_by_models(models, columns)) if columns else {}
    for place, tree in _by_statements(statements, columns).items():
        look, stated = tree.look(), found.get(place)
        both = look and stated and stated.merged(look)
        if both:
            found[place] = both
        elif look and look.kind and (stated is None or tree.strict):
            found[place] = look
    return found


def _has_json(schema: Schema) -> bool:
    return any(is_json(column.type) for table in schema.tables for column in table.columns)


def _statements(project: Project, direction: Direction) -> Iterator[str]:
    for item in project.revisions:
        trip = item.round_trip
        step = trip.upgrade if direction is Direction.UPGRADE else trip.downgrade
        yield from (statement.sql for statement in step.statements)


@dataclass
class _Tree:
    """What is known of one place in a column's JSON, and of the places below it."""

    kinds: set[str] = field(default_factory=set)
    strict: set[str] = field(default_factory=set)
    asked: bool = False
    members: dict[str, _Tree] = field(default_factory=dict)
    item: _Tree | None = None

    def add(self, use: JsonUse) -> None:
        at = self
        for step in use.path:
            at.kinds.add("array" if step is ITEM else "object")
            at = at.below(step)
        at.asked |= use.asked
        if use.kind:
            at.kinds.add(_LEAVES.get(use.kind, ""))
        if use.strict:
            at.strict.add(use.kind)

    def below(self, step: Step) -> _Tree:
        if step is ITEM:
            self.item = self.item or _Tree()
            return self.item
        return self.members.setdefault(step, _Tree())

    def look(self) -> Json | None:
        """None where the statements allow for several kinds, or contradict each other."""
        kinds = self.strict or self.kinds
        if len(kinds) > 1:
            kinds = kinds - {"text"}  # the text of a value, cast on to what it is
        if self.asked or len(kinds) > 1:
            return None
        kind = next(iter(kinds), "text")
        members = tuple((key, each.look() or Json("")) for key, each in self.members.items())
        item = None if self.item is None else self.item.look() or Json("")
        return Json(kind, members if kind == "object" else (), item if kind == "array" else None)


def _by_statements(
    statements: Iterable[str], columns: set[tuple[str, str]]
) -> dict[tuple[str, str], _Tree]:
    found: dict[tuple[str, str], _Tree] = {}
    if not columns:
        return found
    likely = [each for each in statements if any(word in each for word in _LIKELY)]
    for statement in dict.fromkeys(likely[:_MOST]):
        for use in json_uses(statement):
            places = [place for place in columns if _is_of(place, use)]
            if len(places) == 1:
                found.setdefault(places[0], _Tree()).add(use)
    return {place: tree for place, tree in found.items() if tree.kinds or tree.strict or tree.asked}


def _is_of(place: tuple[str, str], use: JsonUse) -> bool:
    table, column = place
    return column == use.column and any(name.names(table) for name in use.tables)


def _by_models(
    models: Models | None, columns: set[tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], Json]]:
    for table in models.tables if models else ():
        for column in table.columns:
            if (table.name, column.name) in columns:
                look = _of_model(column)
                if look is not None:
                    yield (table.name, column.name), look


def _of_model(column: ModelColumn) -> Json | None:
    """By its Python default; else by its annotation, where that is of a list or an object."""
    stated = _annotated(column.annotation or "")
    word = (column.default or "").partition(" ")[2].rpartition(".")[2]
    kind = {"list": "array", "dict": "object"}.get(word)
    if kind is None:
        return stated if stated and stated.kind in ("array", "object") else None
    return stated if stated and stated.kind == kind else Json(kind)


def _annotated(text: str) -> Json | None:
    try:
        return _of_type(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _of_type(node: ast.expr) -> Json | None:
    """The look of a Python type; None for a union of several, or for what is not known."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = [side for side in (node.left, node.right) if ast.unparse(side) != "None"]
        return _of_type(sides[0]) if len(sides) == 1 else None
    if not isinstance(node, ast.Subscript):
        kind = _PYTHON.get(ast.unparse(node).rpartition(".")[2])
        return None if kind is None else Json(kind)
    owner, inner = ast.unparse(node.value).rpartition(".")[2], node.slice
    if owner in ("Mapped", "Optional", "Annotated"):
        return _of_type(inner.elts[0] if isinstance(inner, ast.Tuple) else inner)
    kind = _PYTHON.get(owner)
    if kind != "array":
        return None if kind is None else Json(kind)
    first = inner.elts[0] if isinstance(inner, ast.Tuple) else inner
    known = _of_type(first)
    return replace(Json("array"), item=known if known and known.kind != "array" else None)
