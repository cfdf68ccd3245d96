"""Texts of SQL into pieces: one for each statement, with what its node says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bot.sql import read_commands as commands
from bot.sql.names import Name
from bot.sql.read_actions import alter_table, object_word
from bot.sql.read_rows import modifies
from bot.sql.read_tables import create_table
from bot.sql.statements import CreateTable, Detail, Piece, SetParameter
from bot.sql.tree import Raw, raw, relation

if TYPE_CHECKING:
    from postgast import pg_query_pb2 as pb

_READERS: Mapping[str, Callable[[Any], Detail]] = {
    "index_stmt": commands.create_index,
    "create_table_as_stmt": commands.create_table_as,
    "drop_stmt": commands.drop,
    "rename_stmt": commands.rename,
    "alter_object_schema_stmt": commands.set_schema,
    "truncate_stmt": commands.truncate,
    "lock_stmt": commands.lock,
    "refresh_mat_view_stmt": commands.refresh,
    "reindex_stmt": commands.reindex,
    "cluster_stmt": commands.cluster,
    "vacuum_stmt": commands.vacuum,
    "transaction_stmt": commands.transaction,
    "variable_set_stmt": commands.set_parameter,
    "comment_stmt": commands.comment,
    "do_stmt": commands.do,
    "create_function_stmt": commands.create_function,
    "create_schema_stmt": commands.create_schema,
}
_PLACED: Mapping[str, Callable[[Any, bytes], Detail]] = {
    "create_stmt": create_table,
    "alter_table_stmt": alter_table,
}
_KINDS = {
    "index_stmt": "create index",
    "create_stmt": "create table",
    "alter_object_schema_stmt": "set schema",
    "refresh_mat_view_stmt": "refresh",
    "variable_set_stmt": "set",
    "variable_show_stmt": "show",
    "view_stmt": "create view",
    "rule_stmt": "create rule",
    "composite_type_stmt": "create type",
    "create_enum_stmt": "create type",
    "create_range_stmt": "create type",
    "alter_enum_stmt": "alter type",
    "create_trig_stmt": "create trigger",
    "create_event_trig_stmt": "create event trigger",
    "create_seq_stmt": "create sequence",
    "alter_seq_stmt": "alter sequence",
    "create_foreign_server_stmt": "create server",
    "createdb_stmt": "create database",
    "dropdb_stmt": "drop database",
    "create_table_space_stmt": "create tablespace",
    "create_plang_stmt": "create language",
    "create_am_stmt": "create access method",
    "create_stats_stmt": "create statistics",
    "check_point_stmt": "checkpoint",
    "transaction_stmt": "transaction",
}

_OBJECT = {  # the command, and the field that tells of what kind of object
    "drop_stmt": ("drop", "remove_type"),
    "alter_table_stmt": ("alter", "objtype"),
    "create_table_as_stmt": ("create", "objtype"),
    "define_stmt": ("create", "kind"),
}
_EITHER = {
    "vacuum_stmt": ("is_vacuumcmd", "vacuum", "analyze"),
    "grant_stmt": ("is_grant", "grant", "revoke"),
    "grant_role_stmt": ("is_grant", "grant", "revoke"),
    "create_function_stmt": ("is_procedure", "create procedure", "create function"),
}


@lru_cache(maxsize=1024)
def pieces(sql: str) -> tuple[Piece, ...]:
    """The statements of a text in order, comments and empty ones left out. Never raises.

    What cannot be parsed is a piece of kind ``unknown``: a syntax error, a text that was cut, a
    tree too deep to read.
    """
    return tuple(_piece(sql, item) for item in raw(sql))


def _piece(sql: str, item: Raw) -> Piece:
    text = sql[item.start : item.end]
    field = item.node.WhichOneof("node") if item.node is not None else None
    if item.node is None or field is None:
        return Piece("unknown", text, item.start, item.end)
    node = getattr(item.node, field)
    rows = modifies(item.node)
    detail = _detail(field, node, item.parsed) or (rows[0] if field in _ROWS else None)
    kind = _kind(field, node)
    return Piece(kind, text, item.start, item.end, _relation(node, detail), detail, rows)


_ROWS = ("insert_stmt", "update_stmt", "delete_stmt", "merge_stmt")


def _detail(field: str, node: Any, source: bytes) -> Detail | None:
    if field in _READERS:
        return _READERS[field](node)
    if field in _PLACED:
        return _PLACED[field](node, source)
    if field == "select_stmt":
        return _select(node)
    return None


def _select(node: pb.SelectStmt) -> Detail | None:
    """SELECT INTO, or a ``set_config`` of constants; None for any other."""
    if node.HasField("into_clause"):
        return CreateTable(relation(node.into_clause.rel), from_query=True)
    if len(node.target_list) != 1:
        return None
    call = node.target_list[0].res_target.val.func_call
    values = [commands.constant(item.a_const) for item in call.args]
    if not call.funcname or call.funcname[-1].string.sval != "set_config" or len(values) != 3:  # noqa: PLR2004 - its arguments
        return None
    return SetParameter(values[0].lower(), values[1], local=values[2] == "true")


def _kind(field: str, node: Any) -> str:
    """The command in lower case, with the kind of object where there is one."""
    if field in _OBJECT:
        command, attribute = _OBJECT[field]
        return f"{command} {object_word(getattr(node, attribute))}"
    if field in _EITHER:
        attribute, yes, no = _EITHER[field]
        return yes if getattr(node, attribute) else no
    if field == "select_stmt" and node.HasField("into_clause"):
        return "create table"
    return _KINDS.get(field, field.removesuffix("_stmt").replace("_", " "))


def _relation(node: Any, detail: Detail | None) -> Name | None:
    """The first relation that the statement is about."""
    for attribute in ("table", "relation", "view", "name"):
        found = getattr(detail, attribute, None)
        if isinstance(found, Name):
            return found
    for attribute in ("tables", "names"):
        several = getattr(detail, attribute, ())
        if several:
            return several[0] if isinstance(several[0], Name) else None
    for attribute in ("relation", "table", "view", "sequence"):
        if attribute in node.DESCRIPTOR.fields_by_name and node.HasField(attribute):
            inner = getattr(node, attribute)
            if inner.DESCRIPTOR.name == "RangeVar":
                return relation(inner)
    return None
