"""PostgreSQL's parse tree: from text, within bounds, and its small parts back to text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.sql.names import Name

if TYPE_CHECKING:
    from postgast import pg_query_pb2 as pb

_HARMLESS = 4096  # characters: too few for a chain that the parser's recursion could not bear
_LONGEST_CHAIN = 2000  # words without a comma; the recursion ends in a crash beyond about 15,000
_MOST_SET_OPERATIONS = 500
_PLACEHOLDER = re.compile(r"%\(\w+\)s|%s")


@dataclass(frozen=True)
class Raw:
    """One statement: its place in the text in characters, its node, None where it has none.

    ``parsed`` is the text, in bytes, in which the places are that the node's parts name.
    """

    start: int
    end: int
    node: pb.Node | None
    parsed: bytes = b""


def raw(sql: str) -> list[Raw]:
    """The statements of the text; those that cannot be parsed have no node. Never raises."""
    text = sql.encode("utf-8", "replace").replace(b"\0", b" ").decode("utf-8")
    found = _parsed(text) or _parsed(_PLACEHOLDER.sub(_same_length, text))
    if found is not None:
        return found
    return [item for start, end in _split(text) for item in _alone(text, start, end)]


def _same_length(match: re.Match[str]) -> str:
    """``$1`` or ``$0001`` for a driver's placeholder, of its length, so that places stay right."""
    return "$" + "1".rjust(len(match[0]) - 1, "0")


def _alone(text: str, start: int, end: int) -> list[Raw]:
    part = text[start:end]
    found = _parsed(part) or _parsed(_PLACEHOLDER.sub(_same_length, part))
    if not found:
        return [Raw(start, end, None)]
    return [Raw(start + item.start, start + item.end, item.node, item.parsed) for item in found]


def _parsed(text: str) -> list[Raw] | None:
    """The statements, None where the text as a whole cannot be parsed."""
    from google.protobuf.message import DecodeError
    from postgast import PgQueryError, parse

    if len(text) > _HARMLESS and _chains(text):
        return None
    try:
        tree = parse(text)
    except (PgQueryError, DecodeError):
        return None
    data, found = text.encode(), []
    for item in tree.stmts:
        first = item.stmt_location
        last = first + item.stmt_len if item.stmt_len else len(data)
        start = len(data[:first].decode())
        place = _trimmed(text, start, start + len(data[first:last].decode()))
        found.append(Raw(*place, item.stmt, data))
    return found


def _chains(text: str) -> bool:
    """Whether it holds a chain (``a + b + …``, UNION) that recursion could not bear.

    The grammar is left-recursive there, so the parser accepts any length and then crashes while it
    writes the tree out.
    """
    from postgast import PgQueryError, pg_query_pb2, scan

    try:
        tokens = scan(text).tokens
    except PgQueryError:
        return False  # the parser stops at the same place
    joins = (pg_query_pb2.UNION, pg_query_pb2.INTERSECT, pg_query_pb2.EXCEPT)
    separators = (pg_query_pb2.ASCII_44, pg_query_pb2.ASCII_59)
    run, sets = 0, 0
    for token in tokens:
        run = 0 if token.token in separators else run + 1
        sets += token.token in joins
        if run > _LONGEST_CHAIN or sets > _MOST_SET_OPERATIONS:
            return True
    return False


def _split(text: str) -> list[tuple[int, int]]:
    """Places of the statements in characters, by the scanner, which needs no valid grammar."""
    from postgast import PgQueryError, pg_query_pb2, scan

    try:
        tokens = scan(text).tokens
    except PgQueryError:
        return [_trimmed(text, 0, len(text))] if text.strip() else []
    data, found, first = text.encode(), [], 0
    ends = [item.start for item in tokens if item.token == pg_query_pb2.ASCII_59]
    for end in [*ends, len(data)]:
        start = len(data[:first].decode())
        place = _trimmed(text, start, start + len(data[first:end].decode()))
        if place[0] < place[1]:
            found.append(place)
        first = end + 1
    return found


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The place without white space and comments before the statement, or white space after it."""
    part = text[start:end]
    lead = re.match(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)*", part, re.DOTALL)
    return start + (lead.end() if lead else 0), start + len(part.rstrip())


def nodes(root: Any) -> Iterator[Any]:
    """The message and all below it."""
    yield root
    for field, value in root.ListFields():
        if field.message_type is None:
            continue
        if field.is_repeated:
            for item in value:
                yield from nodes(item)
        else:
            yield from nodes(value)


def relation(node: pb.RangeVar) -> Name:
    """The name of a relation that a statement mentions."""
    return Name(node.relname, node.schemaname or None)


def strings(items: Iterable[pb.Node]) -> tuple[str, ...]:
    """The texts of a list of names."""
    return tuple(item.string.sval for item in items)


def qualified(parts: tuple[str, ...]) -> Name:
    """A name given as its parts; a database's name before the schema is left out."""
    return Name(parts[-1] if parts else "", parts[-2] if len(parts) > 1 else None)


def expression(node: pb.Node) -> str:
    """An expression as SQL, in PostgreSQL's own style."""
    from postgast import PgQueryError, deparse, pg_query_pb2

    tree = pg_query_pb2.ParseResult()
    tree.stmts.add().stmt.select_stmt.target_list.add().res_target.val.CopyFrom(node)
    try:
        return deparse(tree).removeprefix("SELECT ")
    except PgQueryError:
        return "…"


def type_name(node: pb.TypeName) -> str:
    """A type as SQL, in PostgreSQL's own style: ``varchar(50)``, ``timestamptz``, ``mood[]``."""
    from postgast import pg_query_pb2

    cast = pg_query_pb2.Node()
    cast.type_cast.arg.a_const.isnull = True
    cast.type_cast.type_name.CopyFrom(node)
    return expression(cast).removeprefix("NULL::").removeprefix("pg_catalog.")
