"""What statements grant, which roles they make, and what of the server they reach: as parsed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.sql.read_actions import object_word
from bot.sql.tree import nodes, qualified, raw, strings

PUBLIC = "PUBLIC"
_FILES = {
    *("pg_read_file", "pg_read_binary_file", "pg_ls_dir", "pg_stat_file", "lo_import", "lo_export"),
    *("dblink", "dblink_connect", "dblink_connect_u", "dblink_exec", "dblink_open"),
}
_UNTRUSTED = {"c", "plpython3u", "plpythonu", "plpython2u", "plperlu", "pltclu", "plsh", "plrubyu"}
_REACHING = {"dblink", "file_fdw", "adminpack", "plpython3u", "plperlu", "pltclu", "plsh"}


@dataclass(frozen=True)
class Granted:
    """One GRANT. ``privileges`` are SQL's words, empty for ALL; ``object`` is PostgreSQL's word.

    ``by_default``: it is what ALTER DEFAULT PRIVILEGES gives to objects that come later.
    """

    privileges: tuple[str, ...]
    object: str
    names: tuple[str, ...]
    roles: tuple[str, ...]
    by_default: bool = False


@dataclass(frozen=True)
class RoleMade:
    """CREATE or ALTER of a role with what it may from then on ("superuser", "bypassrls", …)."""

    name: str
    rights: tuple[str, ...]
    password: str | None = None
    created: bool = False


def _inner(sql: str) -> list[Any]:
    roots = (item.node for item in raw(sql))
    return [item for root in roots if root is not None for item in nodes(root)]


def _kind(node: Any) -> str:
    return str(node.DESCRIPTOR.name)


def _role(node: Any) -> str:
    from postgast import pg_query_pb2

    spec = node.role_spec if hasattr(node, "role_spec") else node
    public = spec.roletype == pg_query_pb2.ROLESPEC_PUBLIC
    return PUBLIC if public else str(spec.rolename or "CURRENT_USER")


@lru_cache(maxsize=512)
def grants(sql: str) -> tuple[Granted, ...]:
    """Every GRANT of privileges in the text. Never raises."""
    inner = _inner(sql)
    later = any(_kind(item) == "AlterDefaultPrivilegesStmt" for item in inner)
    return tuple(
        Granted(
            privileges=tuple(p.access_priv.priv_name.upper() for p in item.privileges),
            object=object_word(item.objtype),
            names=tuple(_names(item.objects)),
            roles=tuple(_role(each) for each in item.grantees),
            by_default=later,
        )
        for item in inner
        if _kind(item) == "GrantStmt" and item.is_grant
    )


def _names(items: Any) -> Iterator[str]:
    for item in items:
        match item.WhichOneof("node"):
            case "range_var":
                parts = (item.range_var.schemaname, item.range_var.relname)
                yield ".".join(part for part in parts if part)
            case "string":
                yield item.string.sval
            case "object_with_args":
                yield qualified(strings(item.object_with_args.objname)).sql
            case "list":
                yield qualified(strings(item.list.items)).sql
            case _:
                yield "…"


@lru_cache(maxsize=512)
def roles(sql: str) -> tuple[RoleMade, ...]:
    """Every role that the text creates or alters. Never raises."""
    return tuple(
        _made(item) for item in _inner(sql) if _kind(item) in ("CreateRoleStmt", "AlterRoleStmt")
    )


def _made(node: Any) -> RoleMade:
    created = _kind(node) == "CreateRoleStmt"
    rights, password = [], None
    for item in node.options:
        option = item.def_elem
        if option.defname == "password" and option.arg.HasField("string"):
            password = option.arg.string.sval
        elif option.arg.HasField("boolean") and option.arg.boolean.boolval:
            rights.append(option.defname)
    return RoleMade(node.role if created else _role(node.role), tuple(rights), password, created)


@lru_cache(maxsize=512)
def reached(sql: str) -> tuple[tuple[str, str], ...]:
    """What of the server the text reaches: in words how, and by its name what. Never raises."""
    return tuple(dict.fromkeys(_reached(_inner(sql))))


def _reached(inner: list[Any]) -> Iterator[tuple[str, str]]:
    for item in inner:
        match _kind(item):
            case "CopyStmt" if item.is_program:
                yield "runs the program", item.filename
            case "CopyStmt" if item.filename:
                way = "reads" if item.is_from else "writes"
                yield f"{way} the server's file", item.filename
            case "FuncCall":
                name = qualified(strings(item.funcname)).name
                if name in _FILES:
                    yield "calls", f"{name}()"
            case "CreateExtensionStmt" if item.extname in _REACHING:
                yield "creates the extension", item.extname
            case "CreateFunctionStmt" | "DoStmt":
                options = item.options if _kind(item) == "CreateFunctionStmt" else item.args
                for each in options:
                    language = each.def_elem.arg.string.sval
                    if each.def_elem.defname == "language" and language in _UNTRUSTED:
                        yield "has code in the untrusted language", language
            case _:
                pass


@lru_cache(maxsize=512)
def databases(sql: str) -> tuple[str, ...]:
    """Databases that the text names: created, altered, granted on. Never raises."""
    found: list[str] = []
    for item in _inner(sql):
        match _kind(item):
            case "AlterDatabaseStmt" | "AlterDatabaseSetStmt" | "CreatedbStmt" | "DropdbStmt":
                found.append(item.dbname)
            case "GrantStmt" if object_word(item.objtype) == "database":
                found += _names(item.objects)
            case _:
                pass
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=512)
def extensions(sql: str) -> tuple[str, ...]:
    """Extensions that the text creates. Never raises."""
    return tuple(each.extname for each in _inner(sql) if _kind(each) == "CreateExtensionStmt")
