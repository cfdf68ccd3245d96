"""Every other command that a policy looks into, from its node."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bot.facts.locks import MODES
from bot.sql.names import Name
from bot.sql.read_actions import object_word
from bot.sql.read_tables import relations
from bot.sql.statements import (
    Cluster,
    Comment,
    CreateFunction,
    CreateIndex,
    CreateSchema,
    CreateTable,
    Do,
    Drop,
    IndexKey,
    LockTable,
    Refresh,
    Reindex,
    Rename,
    SetParameter,
    Transaction,
    Truncate,
    Vacuum,
)
from bot.sql.tree import expression, qualified, relation, strings

if TYPE_CHECKING:
    from postgast import pg_query_pb2 as pb


def create_index(node: pb.IndexStmt) -> CreateIndex:
    """CREATE INDEX."""
    return CreateIndex(
        name=node.idxname or None,
        table=relation(node.relation),
        method=node.access_method or "btree",
        keys=tuple(_key(item.index_elem) for item in node.index_params),
        include=tuple(item.index_elem.name for item in node.index_including_params),
        predicate=expression(node.where_clause) if node.HasField("where_clause") else None,
        unique=node.unique,
        concurrently=node.concurrent,
        if_not_exists=node.if_not_exists,
        only=not node.relation.inh,
        nulls_not_distinct=node.nulls_not_distinct,
        options=tuple(
            f"{item.def_elem.defname}={_text(item.def_elem.arg)}" for item in node.options
        ),
    )


def _key(node: pb.IndexElem) -> IndexKey:
    from postgast import pg_query_pb2

    from bot.sql.names import quoted

    plain = node.name or None
    opclass, collation = strings(node.opclass), strings(node.collation)
    return IndexKey(
        sql=quoted(node.name) if plain else expression(node.expr),
        column=plain,
        operator_class=qualified(opclass).sql if opclass else None,
        collation=qualified(collation).sql if collation else None,
        descending=node.ordering == pg_query_pb2.SORTBY_DESC,
    )


def _text(node: pb.Node) -> str:
    """An option's value as text; empty for what has none."""
    match node.WhichOneof("node"):
        case "boolean":
            return str(node.boolean.boolval).lower()
        case "type_name":
            return qualified(strings(node.type_name.names)).name
        case "a_const":
            return constant(node.a_const)
        case "string" | "integer" | "float" as plain:
            return _scalar(getattr(node, plain))
        case _:
            return ""


def constant(node: pb.A_Const) -> str:
    """A literal as text; empty for NULL and for what is none."""
    kind = node.WhichOneof("val")
    if kind == "boolval":
        return str(node.boolval.boolval).lower()
    return _scalar(getattr(node, kind)) if kind in ("sval", "ival", "fval") else ""


def _scalar(node: Any) -> str:
    """The only field of a String, Integer or Float; zero is not stored."""
    values = [value for _, value in node.ListFields()]
    return str(values[0]) if values else ("0" if node.DESCRIPTOR.name == "Integer" else "")


def create_table_as(node: pb.CreateTableAsStmt) -> CreateTable:
    """CREATE TABLE AS and CREATE MATERIALIZED VIEW."""
    return CreateTable(
        table=relation(node.into.rel), if_not_exists=node.if_not_exists, from_query=True
    )


def drop(node: pb.DropStmt) -> Drop:
    """DROP of one or more objects; a trigger's, policy's or rule's last name is its own."""
    from postgast import pg_query_pb2

    kind = object_word(node.remove_type)
    names = [qualified(_parts(item)) for item in node.objects]
    owner: Name | None = None
    if kind in ("trigger", "policy", "rule") and names:
        parts = _parts(node.objects[0])
        owner = qualified(parts[:-1])
        names = [Name(parts[-1])]
    return Drop(
        object=kind,
        names=tuple(names),
        concurrently=node.concurrent,
        if_exists=node.missing_ok,
        cascade=node.behavior == pg_query_pb2.DROP_CASCADE,
        relation=owner,
    )


def _parts(node: pb.Node) -> tuple[str, ...]:
    match node.WhichOneof("node"):
        case "list":
            return strings(node.list.items)
        case "string":
            return (node.string.sval,)
        case "type_name":
            return strings(node.type_name.names)
        case "object_with_args":
            return strings(node.object_with_args.objname)
        case _:
            return ("",)


def rename(node: pb.RenameStmt) -> Rename:
    """RENAME of a relation, or of a part of one."""
    table = relation(node.relation) if node.HasField("relation") else None
    own = table.name if table else qualified(_parts(node.object)).name
    return Rename(object_word(node.rename_type), table, node.subname or own, node.newname)


def set_schema(node: pb.AlterObjectSchemaStmt) -> Rename:
    """SET SCHEMA, which is a new name, too."""
    table = relation(node.relation) if node.HasField("relation") else None
    old = table.schema or "" if table else ""
    return Rename(f"schema of {object_word(node.object_type)}", table, old, node.newschema)


def truncate(node: pb.TruncateStmt) -> Truncate:
    """TRUNCATE."""
    from postgast import pg_query_pb2

    return Truncate(relations(node.relations), node.behavior == pg_query_pb2.DROP_CASCADE)


def lock(node: pb.LockStmt) -> LockTable:
    """LOCK TABLE; the tree counts the modes from 1, weak to strong."""
    return LockTable(relations(node.relations), MODES[(node.mode - 1) % len(MODES)], node.nowait)


def refresh(node: pb.RefreshMatViewStmt) -> Refresh:
    """REFRESH MATERIALIZED VIEW."""
    return Refresh(relation(node.relation), node.concurrent, not node.skip_data)


def reindex(node: pb.ReindexStmt) -> Reindex:
    """REINDEX."""
    from postgast import pg_query_pb2

    kind = pg_query_pb2.ReindexObjectType.Name(node.kind).removeprefix("REINDEX_OBJECT_").lower()
    name = relation(node.relation) if node.HasField("relation") else None
    whole = Name(node.name) if node.name else None
    return Reindex(kind, name or whole, _on(node.params, "concurrently"))


def _on(options: Iterable[pb.Node], name: str) -> bool:
    """Whether an option of a parenthesised list is on: without a value it is."""
    found = [item.def_elem for item in options if item.def_elem.defname == name]
    return any(_text(item.arg).lower() not in ("false", "off", "0") for item in found)


def cluster(node: pb.ClusterStmt) -> Cluster:
    """CLUSTER."""
    table = relation(node.relation) if node.HasField("relation") else None
    return Cluster(table, node.indexname or None)


def vacuum(node: pb.VacuumStmt) -> Vacuum:
    """VACUUM and ANALYZE."""
    tables = [item.vacuum_relation for item in node.rels]
    return Vacuum(
        command="vacuum" if node.is_vacuumcmd else "analyze",
        tables=tuple(relation(item.relation) for item in tables),
        columns=tuple(name for item in tables for name in strings(item.va_cols)),
        full=_on(node.options, "full"),
        analyze=not node.is_vacuumcmd or _on(node.options, "analyze"),
    )


def transaction(node: pb.TransactionStmt) -> Transaction:
    """BEGIN, COMMIT, ROLLBACK, SAVEPOINT and the like."""
    from postgast import pg_query_pb2

    name = pg_query_pb2.TransactionStmtKind.Name(node.kind).removeprefix("TRANS_STMT_")
    return Transaction(name.replace("_", " ").lower(), node.savepoint_name or None)


def set_parameter(node: pb.VariableSetStmt) -> SetParameter:
    """SET, SET LOCAL and RESET."""
    values = ", ".join(constant(item.a_const) for item in node.args)
    return SetParameter(node.name.lower(), values if node.args else None, node.is_local)


def comment(node: pb.CommentStmt) -> Comment:
    """COMMENT ON; an empty text is NULL for PostgreSQL, too."""
    name = ".".join(_parts(node.object))
    return Comment(object_word(node.objtype), name, node.comment or None)


def do(node: pb.DoStmt) -> Do:
    """DO."""
    options = {item.def_elem.defname: _text(item.def_elem.arg) for item in node.args}
    return Do(options.get("language", "plpgsql"), options.get("as", ""))


def create_schema(node: pb.CreateSchemaStmt) -> CreateSchema:
    """CREATE SCHEMA."""
    return CreateSchema(node.schemaname or node.authrole.rolename, node.if_not_exists)


def create_function(node: pb.CreateFunctionStmt) -> CreateFunction:
    """CREATE FUNCTION and PROCEDURE."""
    options = [item.def_elem for item in node.options]
    plain = {item.defname: _text(item.arg) for item in options}
    bodies = [strings(item.arg.list.items) for item in options if item.defname == "as"]
    return CreateFunction(
        name=qualified(strings(node.funcname)),
        replace=node.replace,
        language=plain.get("language", "sql"),
        security_definer=plain.get("security") == "true",
        volatility=plain.get("volatility", "volatile"),
        settings=tuple(
            item.arg.variable_set_stmt.name for item in options if item.defname == "set"
        ),
        body="\n".join(bodies[0]) if bodies else None,
    )
