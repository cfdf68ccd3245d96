"""INSERT, UPDATE, DELETE and MERGE, wherever in a statement they stand, from their nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bot.sql.names import Name
from bot.sql.read_tables import default
from bot.sql.statements import Modify
from bot.sql.tables import Default
from bot.sql.tree import expression, nodes, relation

if TYPE_CHECKING:
    from postgast import pg_query_pb2 as pb

_COMMANDS = {
    "InsertStmt": "insert",
    "UpdateStmt": "update",
    "DeleteStmt": "delete",
    "MergeStmt": "merge",
}
_IS_NULL = 1  # NullTestType, BoolExprType: the parser's numbers
_AND = 1
_OR = 2


def modifies(root: Any) -> tuple[Modify, ...]:
    """Every change of rows in the statement, the outermost first."""
    found = (item for item in nodes(root) if item.DESCRIPTOR.name in _COMMANDS)
    return tuple(_modify(item, root) for item in found)


def _modify(node: Any, root: Any) -> Modify:
    command = _COMMANDS[node.DESCRIPTOR.name]
    table = relation(node.relation)
    where = _where(node)
    part = _limited(root)
    asked = part if part is not None else where
    return Modify(
        command=command,
        table=table,
        where=expression(where) if where is not None else None,
        restricts=where is not None and not _always(where),
        vague=where is not None
        and _vague(where, joined=bool(_joined(node)), delete=command == "delete"),
        slices=_slices(root),
        sliced=expression(part) if part is not None else None,
        columns=_columns(node),
        values=_set_to(node),
        unfilled=_unfilled(asked) if asked is not None else (),
        sources=tuple(_sources(node, table)),
        from_query=command == "insert" and _values(node) is None,
        rows=_values(node),
    )


def _where(node: Any) -> pb.Node | None:
    if node.DESCRIPTOR.name in ("UpdateStmt", "DeleteStmt") and node.HasField("where_clause"):
        return node.where_clause
    return None


def _always(node: pb.Node) -> bool:
    """Whether a condition is true for every row by its own words: ``TRUE``, ``1 = 1``."""
    if node.HasField("type_cast"):
        return _always(node.type_cast.arg)
    if node.HasField("a_const"):
        value = node.a_const
        return value.boolval.boolval or value.sval.sval.lower() in ("t", "true")
    if node.HasField("bool_expr"):
        parts = [_always(item) for item in node.bool_expr.args]
        return {_AND: all(parts), _OR: any(parts)}.get(node.bool_expr.boolop, False)
    operator = node.a_expr
    same = [item.string.sval for item in operator.name] == ["="]
    sides = (operator.lexpr, operator.rexpr)
    return same and all(side.HasField("a_const") for side in sides) and _alike(*sides)


def _alike(left: pb.Node, right: pb.Node) -> bool:
    return expression(left) == expression(right)


def _vague(node: pb.Node, *, joined: bool, delete: bool) -> bool:
    """Whether a condition may be true for any number of rows, as far as its words tell.

    An UPDATE of rows without a value fills a column; a DELETE of them clears away the odd ones.
    """
    match node.WhichOneof("node"):
        case "null_test":
            return not delete or node.null_test.nulltesttype != _IS_NULL
        case "bool_expr":
            parts = [_vague(item, joined=joined, delete=delete) for item in node.bool_expr.args]
            return all(parts) if node.bool_expr.boolop == _AND else any(parts)
        case "a_expr":
            operator = "".join(part.string.sval for part in node.a_expr.name)
            sides = (node.a_expr.lexpr, node.a_expr.rexpr)
            columns = all(side.HasField("column_ref") for side in sides)
            return operator in _INEQUALITIES or (operator == "=" and columns and joined)
        case _:
            return False


_INEQUALITIES = ("<", "<=", ">", ">=", "<>")


def _joined(node: Any) -> list[Any]:
    """The tables that an UPDATE or DELETE is joined with; none where there is anything else."""
    several = [*getattr(node, "from_clause", ()), *getattr(node, "using_clause", ())]
    return several if all(item.HasField("range_var") for item in several) else []


def _limited(root: Any) -> pb.Node | None:
    """The condition of a sub-select with a LIMIT."""
    for item in nodes(root):
        if _is(item, "SelectStmt") and item.HasField("limit_count"):
            return item.where_clause if item.HasField("where_clause") else None
    return None


def _slices(root: Any) -> bool:
    """Whether the statement takes a bounded part of the table by its own words."""
    lower: set[str] = set()
    upper: set[str] = set()
    for item in nodes(root):
        kind = item.DESCRIPTOR.name
        if kind == "SelectStmt" and item.HasField("limit_count"):
            return True
        if kind == "ColumnRef" and _column(item) == "ctid":
            return True
        if kind == "A_Expr":
            compared = item
            column = _column(compared.lexpr.column_ref)
            operator = "".join(part.string.sval for part in compared.name)
            if operator == "BETWEEN":
                return True
            if column and operator in (">", ">="):
                lower.add(column)
            if column and operator in ("<", "<="):
                upper.add(column)
    return bool(lower & upper)


def _column(node: pb.ColumnRef) -> str:
    return node.fields[-1].string.sval if node.fields else ""


def _set_to(node: Any) -> tuple[Default, ...]:
    if node.DESCRIPTOR.name != "UpdateStmt":
        return ()
    return tuple(default(item.res_target.val) for item in node.target_list)


def _unfilled(node: pb.Node) -> tuple[str, ...]:
    """The columns of a condition that is nothing but ``IS NULL`` tests; none for any other."""
    if node.HasField("null_test") and node.null_test.nulltesttype == _IS_NULL:
        name = _column(node.null_test.arg.column_ref)
        return (name,) if name else ()
    if node.HasField("bool_expr") and node.bool_expr.boolop == _AND:
        parts = [_unfilled(item) for item in node.bool_expr.args]
        return tuple(name for part in parts for name in part) if all(parts) else ()
    return ()


def _columns(node: Any) -> tuple[str, ...]:
    if node.DESCRIPTOR.name == "UpdateStmt":
        return tuple(item.res_target.name for item in node.target_list)
    if node.DESCRIPTOR.name == "InsertStmt":
        return tuple(item.res_target.name for item in node.cols)
    return ()


def _sources(node: Any, table: Name) -> Iterator[Name]:
    """Other relations that it reads, each once; names of WITH queries among them are left out."""
    inner = list(nodes(node))
    own = {item.ctename for item in inner if _is(item, "CommonTableExpr")}
    seen = {table}
    for item in inner:
        if _is(item, "RangeVar"):
            name = relation(item)
            if name not in seen and not (name.schema is None and name.name in own):
                seen.add(name)
                yield name


def _is(node: Any, kind: str) -> bool:
    return bool(node.DESCRIPTOR.name == kind)


def _values(node: Any) -> int | None:
    """The number of rows of an INSERT … VALUES (1 for DEFAULT VALUES), None for a query."""
    if node.DESCRIPTOR.name != "InsertStmt":
        return None
    insert = node
    if not insert.HasField("select_stmt"):
        return 1
    return len(insert.select_stmt.select_stmt.values_lists) or None
