"""Ordinary values of the types that are no composition of others. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from hashlib import md5
from typing import NamedTuple

from bot.facts.data_types import DataType
from bot.observe.rows.json_shape import TYPES, made
from bot.observe.rows.numbers import NUMBERS, number
from bot.observe.rows.rule import Rule
from bot.observe.rows.texts import text
from bot.observe.rows.times import TIMES, moment

TEXTS = frozenset({"text", "character varying", "character", "name", "citext", "refcursor"})
_NAME = 63  # bytes of an identifier
_DIMENSIONS = 3  # of a vector without a size
_PLAIN = str.maketrans('"<>&', "____")
# {n} is the row's number, {a} to {d} are its bytes from high to low, {t} is the column's name.
_TEMPLATES = {
    "json": '{{"n": {n}, "name": "{t} {n}"}}', "jsonb": '{{"n": {n}, "name": "{t} {n}"}}',
    "xml": "<row n='{n}'>{t}</row>", "bytea": "\\x00ff{n:08x}", "inet": "10.{b}.{c}.{d}",
    "cidr": "10.{b}.{c}.{d}/32", "macaddr": "08:00:2b:{b:02x}:{c:02x}:{d:02x}",
    "macaddr8": "08:00:2b:01:02:{b:02x}:{c:02x}:{d:02x}", "point": "({n},1.5)",
    "line": "{{1,-1,{n}}}", "lseg": "[({n},0),({n},1)]", "box": "({n}.5,1),({n},0)",
    "path": "(({n},0),({n},1),(0,1))", "polygon": "(({n},0),({n},1),(0,1))",
    "circle": "<({n},0),1.5>", "tsvector": "'n{n}':1 'word':2", "tsquery": "'n{n}' & 'word'",
    "pg_lsn": "0/{n:X}", "xid": "{n}", "xid8": "{n}", "cid": "{n}", "tid": "({n},1)",
    "txid_snapshot": "1{n}:1{n}:", "pg_snapshot": "1{n}:1{n}:", "jsonpath": '$."n{n}"',
    "int2vector": "{n} 1", "oidvector": "{n} 1", "regtype": "integer", "regclass": "pg_class",
    "regproc": "now", "regprocedure": "now()", "regoper": "-", "regoperator": "-",
    "regrole": "-", "regnamespace": "pg_catalog", "regcollation": "-", "regconfig": "simple",
    "regdictionary": "simple", '"char"': "a", "hstore": '"n"=>"{n}"', "ltree": "top.n{n}",
    "lquery": "top.n{n}", "ltxtquery": "n{n}", "cube": "({n},1)", "seg": "{n}",
    "earth": "(6378168,0,0)", "query_int": "{n}", "geometry": "POINT({n} 1)",
    "geography": "POINT({b}.{d} 1)", "isbn": "978-0-393-04002-9",
}  # fmt: skip


class Place(NamedTuple):
    """Which value is wanted: that of a row, greater ones for columns of a higher rank."""

    row: int
    rank: int = 0
    salt: str = ""


def scalar(column: str, kind: DataType, rule: Rule, place: Place) -> str | None:
    """The value of that place, None where the type is not known."""
    base = kind.base.rpartition(".")[2]
    if base in TEXTS:
        return text(column, rule, place.row, _NAME if base == "name" else kind.length)
    if base in NUMBERS:
        return number(kind, rule, place.row + place.rank)
    if base in TIMES:
        return moment(kind, rule, place.row, place.rank)
    if base in _MADE:
        return _MADE[base](column, kind, place)
    if rule.look is not None and rule.look.kind and base in TYPES:
        return made(rule.look, column, place.row)
    template = _TEMPLATES.get(base)
    return None if template is None else _filled(template, column, place.row)


def _filled(template: str, column: str, row: int) -> str:
    a, b, c, d = row.to_bytes(4, "big")
    return template.format(n=row, a=a, b=b, c=c, d=d, t=column.translate(_PLAIN))


def _boolean(_: str, __: DataType, place: Place) -> str:
    return "true" if place.row % 2 == 0 else "false"


def _uuid(column: str, _: DataType, place: Place) -> str:
    digest = md5(f"{place.salt}{column}{place.row}".encode(), usedforsecurity=False)
    return str(uuid.UUID(digest.hexdigest(), version=4))


def _bits(_: str, kind: DataType, place: Place) -> str:
    width = kind.length or (1 if kind.base == "bit" else 8)
    return f"{place.row % 2 ** min(width, 32):0{width}b}"


def _vector(_: str, kind: DataType, place: Place) -> str:
    size = kind.name.partition("(")[2].partition(")")[0]
    count = int(size) if size.isdecimal() else _DIMENSIONS
    if kind.base.endswith("sparsevec"):
        return f"{{1:{place.row + 1}}}/{count}"
    return f"[{','.join([str(place.row + 1), *['0.5'] * (count - 1)])}]"


_MADE: dict[str, Callable[[str, DataType, Place], str]] = {
    "boolean": _boolean, "uuid": _uuid, "bit": _bits, "bit varying": _bits,
    "vector": _vector, "halfvec": _vector, "sparsevec": _vector,
}  # fmt: skip
