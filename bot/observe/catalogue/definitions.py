"""Objects as the SQL that makes them, near enough for a reader to recognise and recreate them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.observe.catalogue.relations import column, constraint, relation, sequence
from bot.observe.catalogue.snapshot import Row, Snapshot
from bot.observe.catalogue.values import words

_NOT_ATTRIBUTES = frozenset({"kind", "name", "table", "parent", "owner", "privileges", "comment"})


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _definition(row: Row, _: Snapshot) -> str:
    return str(row["definition"])


def _index(row: Row, _: Snapshot) -> str:
    return str(row["definition"]) + ("" if row["validity"] else " -- invalid")


def _schema(row: Row, _: Snapshot) -> str:
    return f"CREATE SCHEMA {row['name']}"


def _type(row: Row, _: Snapshot) -> str:
    head = f"CREATE TYPE {row['name']}"
    if "values" in row:
        labels = ", ".join("'" + label.replace("'", "''") + "'" for label in row["values"])
        return f"{head} AS ENUM ({labels})"
    if "attributes" in row:
        return f"{head} AS ({', '.join(row['attributes'])})"
    if "range" in row:
        return f"{head} AS RANGE ({words('range', row['range'])})"
    return head if "shell" in row else f"{head} ({words('base', row['base'])})"


def _domain(row: Row, snapshot: Snapshot) -> str:
    parts = [f"CREATE DOMAIN {row['name']} AS {row['type']}"]
    if "collation" in row:
        parts.append(f"COLLATE {row['collation']}")
    if row["nullability"]:
        parts.append("NOT NULL")
    if "default" in row:
        parts.append(f"DEFAULT {row['default']}")
    parts += [
        f"CONSTRAINT {_last(child['name'])} {constraint(child)}"
        for child in snapshot.rows.values()
        if child.get("parent") == ["domain", row["name"]]
    ]
    return " ".join(parts)


def _policy(row: Row, _: Snapshot) -> str:
    parts = [
        f"CREATE POLICY {row['name'].removeprefix(row['table'] + '.')} ON {row['table']}",
        "AS PERMISSIVE" if row["permissive"] else "AS RESTRICTIVE",
        f"FOR {words('command', row['command'])} TO {', '.join(row['roles'])}",
    ]
    if "using" in row:
        parts.append(f"USING ({row['using']})")
    if "with check" in row:
        parts.append(f"WITH CHECK ({row['with check']})")
    return " ".join(parts)


def _extension(row: Row, _: Snapshot) -> str:
    return f"CREATE EXTENSION {row['name']} WITH SCHEMA {row['schema']} VERSION '{row['version']}'"


def _role(row: Row, _: Snapshot) -> str:
    flags = ("superuser", "inherit", "createrole", "createdb", "login", "replication", "bypassrls")
    parts = [flag.upper() if row[flag] else f"NO{flag.upper()}" for flag in flags]
    if "connection limit" in row:
        parts.append(f"CONNECTION LIMIT {row['connection limit']}")
    if "valid until" in row:
        parts.append(f"VALID UNTIL '{row['valid until']}'")
    return f"CREATE ROLE {row['name']} WITH {' '.join(parts)}"


def _membership(row: Row, _: Snapshot) -> str:
    options = [
        f"{option.upper()} {'TRUE' if row[option] else 'FALSE'}"
        for option in ("admin", "inherit", "set")
        if option in row
    ]
    return f"GRANT {row['role']} TO {row['member']} WITH {', '.join(options)}"


def _default_privilege(row: Row, _: Snapshot) -> str:
    return f"ALTER DEFAULT PRIVILEGES {row['name']}: {words('privileges', row['privileges'])}"


def _setting(row: Row, _: Snapshot) -> str:
    return f"SET {row['value']}"


def _any(row: Row, _: Snapshot) -> str:
    """A kind too rare for words of its own: its attributes as they are."""
    listed = "; ".join(
        f"{name}: {words(name, value)}"
        for name, value in row.items()
        if name not in _NOT_ATTRIBUTES
    )
    return f"{row['kind']} {row['name']}" + (f" ({listed})" if listed else "")


_DEFINITIONS: Mapping[str, Callable[[Row, Snapshot], str]] = {
    "schema": _schema,
    "table": relation,
    "foreign table": relation,
    "view": relation,
    "materialized view": relation,
    "sequence": lambda row, _: sequence(row),
    "column": lambda row, _: column(row),
    "constraint": lambda row, _: constraint(row),
    "index": _index,
    "type": _type,
    "domain": _domain,
    "function": _definition,
    "procedure": _definition,
    "trigger": _definition,
    "rule": _definition,
    "statistics": _definition,
    "policy": _policy,
    "extension": _extension,
    "role": _role,
    "membership": _membership,
    "setting": _setting,
    "default privilege": _default_privilege,
}

# Of these, the whole object tells more than the one attribute that differs.
_SHORT = _DEFINITIONS.keys() - {"column", "table", "foreign table", "default privilege"}
_OUTSIDE = frozenset(
    {"owner", "privileges", "comment", "index comment", "not-null comment", "inheritance"}
    | {"storage", "compression", "statistics", "options", "foreign options", "toast options"}
    | {"tablespace", "access method", "clustered", "replica identity", "enabled", "triggers"}
    | {"index validity", "parent index", "populated", "target", "not-null constraint"}
    | {"not-null inheritance", "not-null validity"}
)


def define(row: Row, snapshot: Snapshot) -> str:
    """The whole object; a table's definition holds its columns, constraints, indexes and so on."""
    return _DEFINITIONS.get(row["kind"], _any)(row, snapshot)


def define_with(row: Row, attribute: str, snapshot: Snapshot) -> str:
    """What to show of an object of which that attribute differs: all of it when it is short."""
    if row["kind"] in _SHORT and attribute not in _OUTSIDE:
        return define(row, snapshot)
    return words(attribute, row.get(attribute))
