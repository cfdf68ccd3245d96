"""What a query or an expression reads, compares and asks of the session, as parsed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.sql.names import Name
from bot.sql.tree import expression as deparsed
from bot.sql.tree import nodes, qualified, raw, relation, strings

_ALIKE = ("=", "IS NOT DISTINCT FROM")
_CONDITIONS = {
    "SelectStmt": ("where_clause",),
    "UpdateStmt": ("where_clause",),
    "DeleteStmt": ("where_clause",),
    "JoinExpr": ("quals",),
    "MergeStmt": ("join_condition",),
}


@dataclass(frozen=True)
class Setting:
    """A ``current_setting`` call; ``missing_ok``: it is NULL, not an error, where nobody set it."""

    name: str
    missing_ok: bool = False


@dataclass(frozen=True)
class Query:
    """One query or expression.

    ``tables`` are the relations that it reads, names of WITH queries left out, and so is what an
    INSERT only writes. ``columns`` are all that it mentions, ``compared`` those that it compares
    with something for equality (``JOIN … USING`` included), ``filtered`` those of them that a WHERE
    or the condition of a join compares, ``shown`` those in its outermost result (``*``: all of
    them). ``functions`` are the functions that it calls. ``constant`` is the value of an expression
    that is a literal truth value.
    """

    tables: tuple[Name, ...] = ()
    columns: frozenset[str] = frozenset()
    compared: frozenset[str] = frozenset()
    filtered: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()
    functions: tuple[Name, ...] = ()
    constant: bool | None = None


@lru_cache(maxsize=1024)
def expression(sql: str) -> Query | None:
    """An expression of a policy, default or CHECK; None for what cannot be parsed."""
    return query(f"SELECT {sql}")


@lru_cache(maxsize=1024)
def query(sql: str) -> Query | None:
    """All statements of the text as one; None where a part of it cannot be parsed."""
    roots = [item.node for item in raw(sql)]
    if not roots or any(root is None for root in roots):
        return None
    inner = [item for root in roots for item in nodes(root)]
    own = {item.ctename for item in inner if _kind(item) == "CommonTableExpr"}
    written = {item.relation.location for item in inner if _kind(item) == "InsertStmt"}
    tables = (
        relation(item)
        for item in inner
        if _kind(item) == "RangeVar" and item.location not in written
    )
    calls = (item for item in inner if _kind(item) == "FuncCall")
    return Query(
        tables=tuple(dict.fromkeys(name for name in tables if name.schema or name.name not in own)),
        columns=frozenset(_columns(inner)),
        compared=frozenset(_compared(inner)),
        filtered=frozenset(_compared(list(_conditions(inner)))),
        shown=frozenset(name for root in roots for name in _shown(root)),
        functions=tuple(dict.fromkeys(qualified(strings(item.funcname)) for item in calls)),
        constant=_constant(roots[0]),
    )


def _kind(node: Any) -> str:
    return str(node.DESCRIPTOR.name)


def _columns(inner: list[Any]) -> Iterator[str]:
    for item in inner:
        if _kind(item) == "ColumnRef" and item.fields and item.fields[-1].HasField("string"):
            yield item.fields[-1].string.sval


def _compared(inner: list[Any]) -> Iterator[str]:
    from postgast import pg_query_pb2

    kinds = (
        pg_query_pb2.AEXPR_OP,
        pg_query_pb2.AEXPR_OP_ANY,
        pg_query_pb2.AEXPR_IN,
        pg_query_pb2.AEXPR_NOT_DISTINCT,
    )
    for item in inner:
        if _kind(item) == "A_Expr" and item.kind in kinds:
            if "".join(strings(item.name)) in _ALIKE:
                yield from _columns([*nodes(item.lexpr), *nodes(item.rexpr)])
        elif _kind(item) == "SubLink" and item.HasField("testexpr"):
            yield from _columns(list(nodes(item.testexpr)))
        elif _kind(item) == "JoinExpr":
            yield from strings(item.using_clause)


def _conditions(inner: list[Any]) -> Iterator[Any]:
    """The nodes of all that decides which rows are read."""
    for item in inner:
        kind = _kind(item)
        if kind == "JoinExpr":
            yield item
        for name in _CONDITIONS.get(kind, ()):
            if item.HasField(name):
                yield from nodes(getattr(item, name))


def _shown(root: Any) -> Iterator[str]:
    select = root.select_stmt if root.HasField("select_stmt") else None
    if root.HasField("view_stmt"):
        select = root.view_stmt.query.select_stmt
    while select is not None and select.HasField("larg"):
        select = select.larg
    for item in select.target_list if select is not None else ():
        value = item.res_target.val
        if value.HasField("column_ref"):
            *_, last = value.column_ref.fields
            yield "*" if last.HasField("a_star") else last.string.sval


def _constant(root: Any) -> bool | None:
    targets = list(root.select_stmt.target_list) if root.HasField("select_stmt") else []
    if len(targets) != 1:
        return None
    value = targets[0].res_target.val
    if value.HasField("type_cast"):
        value = value.type_cast.arg
    if not value.HasField("a_const") or value.a_const.WhichOneof("val") != "boolval":
        return None
    return bool(value.a_const.boolval.boolval)


@lru_cache(maxsize=1024)
def settings(sql: str) -> tuple[Setting, ...]:
    """The settings that the text asks ``current_setting`` for by a literal name.

    The text is an expression or the body of a function in any language: its words are told by
    PostgreSQL's scanner. Never raises.
    """
    from postgast import PgQueryError, pg_query_pb2, scan

    data = sql.encode("utf-8", "replace").replace(b"\0", b" ")
    try:
        tokens = list(scan(data.decode()).tokens)
    except PgQueryError:
        return ()
    words = [data[item.start : item.end].decode("utf-8", "replace") for item in tokens]
    found = []
    for place, word in enumerate(words[:-2]):
        named = word.lower() == "current_setting" and words[place + 1] == "("
        if named and tokens[place + 2].token == pg_query_pb2.SCONST:
            name = words[place + 2].strip("'")
            found.append(Setting(name.lower(), _tolerant(words[place + 3 :])))
    return tuple(dict.fromkeys(found))


def _tolerant(words: list[str]) -> bool:
    """Whether a second argument that is not ``false`` follows before the call's bracket ends."""
    depth = 0
    for place, word in enumerate(words):
        depth += (word == "(") - (word == ")")
        if depth < 0:
            return False
        if word == "," and depth == 0:
            return words[place + 1 : place + 2] != ["false"]
    return False


@lru_cache(maxsize=1024)
def against(sql: str, column: str) -> tuple[str, ...]:
    """The comparisons of an expression that hold that column, as SQL. Never raises."""
    roots = [item.node for item in raw(f"SELECT {sql}") if item.node is not None]
    found = []
    for item in (each for root in roots for each in nodes(root)):
        if _kind(item) != "A_Expr" or "".join(strings(item.name)) not in _ALIKE:
            continue
        if column in _columns([*nodes(item.lexpr), *nodes(item.rexpr)]):
            found += [deparsed(item.lexpr), deparsed(item.rexpr)]
    return tuple(found)
