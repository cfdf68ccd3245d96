"""What the JSON of a column looks like, and ordinary values of that look. Pure."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import md5

from bot.facts.data_types import DataType

TYPES = frozenset({"json", "jsonb"})
_MANY = 2  # elements of a list
_DEEPEST = 8  # lists and objects within each other


@dataclass(frozen=True)
class Json:
    """A value's look.

    ``kind`` is "array", "object", "text", "number", "boolean", "uuid", "date" or "null"; "" where
    nothing is known: then no such member or element is made. ``members`` are an object's by their
    keys, ``item`` is each element of a list, None where nothing is said of them. ``least`` elements
    a list must have.
    """

    kind: str
    members: tuple[tuple[str, Json], ...] = ()
    item: Json | None = None
    least: int = 0

    def merged(self, other: Json) -> Json | None:
        """Both at once, None where they contradict each other."""
        if self.kind != other.kind:
            return None
        members = dict(self.members)
        for name, member in other.members:
            members[name] = members.get(name, member).merged(member) or Json("")
        item = self.item or other.item
        if self.item is not None and other.item is not None:
            item = self.item.merged(other.item) or Json("")
        return replace(
            self, members=tuple(members.items()), item=item, least=max(self.least, other.least)
        )

    def admits(self, text: str) -> bool:
        """Whether an odd value, ``{}``, ``[]`` or ``null``, has this look."""
        return {"{}": self.kind == "object", "[]": self.kind == "array" and not self.least}.get(
            text, self.kind == "null"
        )


def is_json(kind: DataType) -> bool:
    """Whether values of the type are JSON, and not arrays of it."""
    return kind.base.rpartition(".")[2] in TYPES and not kind.array


def made(look: Json, column: str, number: int) -> str:
    """The value of that row as JSON."""
    return json.dumps(_value(look, column, number, 0))


def look_of(text: str) -> Json | None:
    """The look of a literal that is a list or an object, None for any other text."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list):
        return Json("array", item=_scalar_look(value[0]) if value else None)
    return Json("object") if isinstance(value, dict) else None


def _scalar_look(value: object) -> Json | None:
    kinds: Mapping[type, str] = {bool: "boolean", int: "number", float: "number", str: "text"}
    kind = kinds.get(type(value))
    return None if kind is None else Json(kind)


def _value(look: Json, name: str, number: int, depth: int) -> object:
    if look.kind in ("object", "array"):
        return _within(look, name, number, depth + 1)
    return _SCALARS.get(look.kind, _text)(name, number)


def _within(look: Json, name: str, number: int, depth: int) -> object:
    """The value of an object or a list; those that lie too deep are empty."""
    if look.kind == "array":
        item = look.item or Json("text")
        count = max(_MANY, look.least) if item.kind and depth < _DEEPEST else 0
        return [_value(item, name, number + place, depth) for place in range(count)]
    known = [(key, each) for key, each in look.members if each.kind and depth < _DEEPEST]
    inner = {key: _value(each, key, number, depth) for key, each in known}
    return {"n": number, "name": _text(name, number), **inner}


def _text(name: str, number: int) -> str:
    return f"{name} {number}"


def _uuid(name: str, number: int) -> str:
    digest = md5(f"{name}{number}".encode(), usedforsecurity=False)
    return str(uuid.UUID(digest.hexdigest(), version=4))


_SCALARS: Mapping[str, Callable[[str, int], object]] = {
    "number": lambda _, number: number,
    "boolean": lambda _, number: number % 2 == 0,
    "uuid": _uuid,
    "date": lambda _, number: f"2024-{1 + number % 12:02}-{1 + number % 28:02}",
    "null": lambda _, __: None,
}
