"""ALTER TABLE and its sub-commands, from their nodes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.sql.read_tables import column, constraint, default
from bot.sql.statements import AlterTable
from bot.sql.tables import Action, Bound
from bot.sql.tree import expression, relation, type_name

if TYPE_CHECKING:
    from postgast import pg_query_pb2 as pb

_OF_A_COLUMN = re.compile(
    r"(add|drop|alter|set|reset) (column|not null|default|identity|expression|statistics|storage"
    r"|compression|options)\b.*"
)
_WORDS = {
    "AT_AlterColumnType": "alter column type",
    "AT_SetTableSpace": "set tablespace",
    "AT_SetUnLogged": "set unlogged",
    "AT_EnableTrig": "enable trigger",
    "AT_EnableTrigAll": "enable trigger",
    "AT_EnableTrigUser": "enable trigger",
    "AT_EnableAlwaysTrig": "enable trigger",
    "AT_EnableReplicaTrig": "enable trigger",
    "AT_DisableTrig": "disable trigger",
    "AT_DisableTrigAll": "disable trigger",
    "AT_DisableTrigUser": "disable trigger",
    "AT_SetRelOptions": "set storage parameters",
    "AT_ResetRelOptions": "reset storage parameters",
}
_WHICH_TRIGGERS = {"AT_DisableTrigAll": "ALL", "AT_DisableTrigUser": "USER"}


def object_word(number: int) -> str:
    """PostgreSQL's word for a kind of object, in lower case: "table", "materialized view"."""
    from postgast import pg_query_pb2

    name: str = pg_query_pb2.ObjectType.Name(number)
    word = name.removeprefix("OBJECT_").replace("_", " ").lower()
    return _OBJECTS.get(word, word)


_OBJECTS = {
    "matview": "materialized view",
    "tabconstraint": "constraint",
    "domconstraint": "domain constraint",
    "fdw": "foreign data wrapper",
    "foreign server": "server",
    "statistic ext": "statistics",
}


def alter_table(node: pb.AlterTableStmt, source: bytes) -> AlterTable:
    """ALTER TABLE, INDEX, VIEW, … with all its sub-commands."""
    return AlterTable(
        table=relation(node.relation),
        object=object_word(node.objtype),
        actions=tuple(_action(item.alter_table_cmd, source) for item in node.cmds),
        if_exists=node.missing_ok,
        only=not node.relation.inh,
    )


def _kind(subtype: str, node: pb.AlterTableCmd) -> str:
    if subtype == "AT_ColumnDefault":
        return "set default" if node.HasField("def") else "drop default"
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", subtype.removeprefix("AT_"))
    return _WORDS.get(subtype, words.lower())


def _action(node: pb.AlterTableCmd, source: bytes) -> Action:
    from postgast import pg_query_pb2

    subtype = pg_query_pb2.AlterTableType.Name(node.subtype)
    kind = _kind(subtype, node)
    detail = getattr(node, "def")
    of_column = _OF_A_COLUMN.fullmatch(kind) is not None
    definition = column(detail.column_def, source) if kind == "add column" else None
    added = constraint(detail.constraint, source) if kind == "add constraint" else None
    name = node.name or (definition.name if definition else None) or (added.name if added else None)
    typed = detail.column_def if kind == "alter column type" else None
    return Action(
        kind=kind,
        name=name or _WHICH_TRIGGERS.get(subtype),
        column=name if of_column else None,
        definition=definition,
        constraint=added,
        type=type_name(typed.type_name) if typed else None,
        using=expression(typed.raw_default) if typed and typed.HasField("raw_default") else None,
        default=default(detail) if kind == "set default" else None,
        value=_value(kind, node),
        partition=relation(detail.partition_cmd.name) if detail.HasField("partition_cmd") else None,
        bound=_bound(detail.partition_cmd.bound) if kind == "attach partition" else None,
        concurrently=detail.partition_cmd.concurrent,
        if_exists=node.missing_ok and kind != "add column",
        if_not_exists=node.missing_ok and kind == "add column",
        cascade=node.behavior == pg_query_pb2.DROP_CASCADE,
    )


def _bound(node: pb.PartitionBoundSpec) -> Bound:
    return Bound(
        lower=tuple(_datum(item) for item in node.lowerdatums),
        upper=tuple(_datum(item) for item in node.upperdatums),
        values=tuple(expression(item) for item in node.listdatums),
    )


def _datum(node: pb.Node) -> str:
    """A bound's value; MINVALUE and MAXVALUE are words, not columns."""
    sql = expression(node)
    return sql.upper() if sql.lower() in ("minvalue", "maxvalue") else sql


def _value(kind: str, node: pb.AlterTableCmd) -> str | None:
    if kind in ("set tablespace", "set access method", "cluster on"):
        return str(node.name)
    if kind == "change owner":
        return str(node.newowner.rolename) or None
    return None
