"""CREATE TABLE, column definitions and constraints, from their nodes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bot.sql.names import Name
from bot.sql.statements import CreateTable
from bot.sql.tables import Column, Constraint, Default
from bot.sql.tree import expression, nodes, qualified, relation, strings, type_name

if TYPE_CHECKING:
    from postgast import pg_query_pb2 as pb

_TYPES = {
    "CONSTR_NOTNULL": "not null",
    "CONSTR_CHECK": "check",
    "CONSTR_PRIMARY": "primary key",
    "CONSTR_UNIQUE": "unique",
    "CONSTR_EXCLUSION": "exclude",
    "CONSTR_FOREIGN": "foreign key",
}
_ACTIONS = {"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}
_PERSISTENCE = {"u": "unlogged", "t": "temporary"}
_IDENTITY = {"a": "always", "d": "by default"}


def create_table(node: pb.CreateStmt, source: bytes) -> CreateTable:
    """CREATE TABLE with its columns and constraints."""
    elements = list(node.table_elts)
    parents = tuple(relation(item.range_var) for item in node.inh_relations)
    partition = node.HasField("partbound")
    return CreateTable(
        table=relation(node.relation),
        columns=tuple(column(e.column_def, source) for e in elements if e.HasField("column_def")),
        constraints=tuple(
            constraint(e.constraint, source) for e in elements if e.HasField("constraint")
        ),
        if_not_exists=node.if_not_exists,
        persistence=_PERSISTENCE.get(node.relation.relpersistence, "permanent"),
        partition_of=parents[0] if partition and parents else None,
        partition_by=_strategy(node),
        inherits=() if partition else parents,
        like=tuple(
            relation(e.table_like_clause.relation)
            for e in elements
            if e.HasField("table_like_clause")
        ),
    )


def _strategy(node: pb.CreateStmt) -> str | None:
    from postgast import pg_query_pb2

    if not node.HasField("partspec"):
        return None
    name: str = pg_query_pb2.PartitionStrategy.Name(node.partspec.strategy)
    return name.removeprefix("PARTITION_STRATEGY_").lower()


def column(node: pb.ColumnDef, source: bytes) -> Column:
    """A column's definition with its own constraints."""
    from postgast import pg_query_pb2

    parts = {
        pg_query_pb2.ConstrType.Name(item.constraint.contype): item.constraint
        for item in node.constraints
    }
    value = parts.get("CONSTR_DEFAULT")
    identity = parts.get("CONSTR_IDENTITY")
    generated = parts.get("CONSTR_GENERATED")
    collation = strings(node.coll_clause.collname)
    own = [
        constraint(item.constraint, source, node.colname)
        for item in node.constraints
        if pg_query_pb2.ConstrType.Name(item.constraint.contype) in _TYPES
    ]
    return Column(
        name=node.colname,
        type=type_name(node.type_name),
        not_null=any(item.type in ("not null", "primary key") for item in own),
        default=default(value.raw_expr) if value else None,
        identity=_IDENTITY.get(identity.generated_when) if identity else None,
        generated=_generated(generated),
        expression=expression(generated.raw_expr) if generated else None,
        collation=qualified(collation).sql if collation else None,
        constraints=tuple(item for item in own if item.type != "not null"),
    )


def _generated(node: pb.Constraint | None) -> str | None:
    if node is None:
        return None
    return "virtual" if node.generated_kind == "v" else "stored"


def constraint(node: pb.Constraint, source: bytes, column: str | None = None) -> Constraint:
    """A constraint of a table, or of the given column."""
    from postgast import pg_query_pb2

    kind = pg_query_pb2.ConstrType.Name(node.contype)
    own = (column,) if column else ()
    deleted, updated = _written(node, source) if kind == "CONSTR_FOREIGN" else (False, False)
    return Constraint(
        type=_TYPES.get(kind, kind.removeprefix("CONSTR_").lower()),
        name=node.conname or None,
        columns=strings(node.fk_attrs) or strings(node.keys) or own,
        expression=expression(node.raw_expr) if node.HasField("raw_expr") else None,
        not_valid=node.skip_validation,
        using_index=node.indexname or None,
        references=relation(node.pktable) if node.HasField("pktable") else None,
        referenced_columns=strings(node.pk_attrs),
        on_delete=_ACTIONS.get(node.fk_del_action) if deleted else None,
        on_update=_ACTIONS.get(node.fk_upd_action) if updated else None,
        deferrable=node.deferrable,
        initially_deferred=node.initdeferred,
        no_inherit=node.is_no_inherit,
    )


def _written(node: pb.Constraint, source: bytes) -> tuple[bool, bool]:
    """Whether ON DELETE and ON UPDATE were written: the tree has NO ACTION for what was not."""
    from postgast import PgQueryError, pg_query_pb2, scan

    try:
        tokens = scan(source[node.location :].decode("utf-8", "replace")).tokens
    except PgQueryError:
        return True, True
    depth, before, found = 0, -1, set()
    for token in tokens:
        depth += (token.token == pg_query_pb2.ASCII_40) - (token.token == pg_query_pb2.ASCII_41)
        ends = token.token in (pg_query_pb2.ASCII_44, pg_query_pb2.ASCII_59) and depth == 0
        if ends or depth < 0:
            break
        if before == pg_query_pb2.ON:
            found.add(token.token)
        before = token.token
    return pg_query_pb2.DELETE_P in found, pg_query_pb2.UPDATE in found


def default(node: pb.Node) -> Default:
    """An expression, what it calls and what it reads."""
    calls = [
        qualified(strings(item.funcname)).sql.removeprefix("pg_catalog.")
        for item in nodes(node)
        if item.DESCRIPTOR.name == "FuncCall"
    ]
    columns = [
        item.fields[-1].string.sval
        for item in nodes(node)
        if item.DESCRIPTOR.name == "ColumnRef" and item.fields
    ]
    return Default(
        sql=expression(node),
        constant=_is_literal(node),
        functions=tuple(dict.fromkeys(calls)),
        columns=tuple(dict.fromkeys(columns)),
        never_null=_never_null(node),
    )


def _never_null(node: pb.Node) -> bool:
    if node.HasField("coalesce_expr"):
        return any(_never_null(item) for item in node.coalesce_expr.args)
    if node.HasField("type_cast"):
        return _never_null(node.type_cast.arg)
    return _is_literal(node) and not node.a_const.isnull


def _is_literal(node: pb.Node) -> bool:
    if node.HasField("type_cast"):
        return _is_literal(node.type_cast.arg)
    if node.HasField("a_array_expr"):
        return all(_is_literal(item) for item in node.a_array_expr.elements)
    return bool(node.HasField("a_const"))


def relations(items: Iterable[pb.Node]) -> tuple[Name, ...]:
    """The names of a list of relations."""
    return tuple(relation(item.range_var) for item in items)
