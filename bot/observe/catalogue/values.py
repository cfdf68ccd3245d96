"""Attribute values in words: PostgreSQL's one-letter codes, access control lists, options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from bot.facts.schema import Grant

LIMIT = 4000  # characters of one definition: what a reader looks at and a report can hold

# PostgreSQL docs, "System Catalogs": pg_class, pg_attribute, pg_trigger, pg_cast, pg_am.
_CODES: Mapping[str, Mapping[str, str]] = {
    "persistence": {"u": "unlogged", "t": "temporary"},
    "replica identity": {"d": "default", "n": "nothing", "f": "full", "i": "index"},
    "identity": {"a": "always", "d": "by default", "i": "always or by default"},
    "generated": {"s": "stored", "v": "virtual"},
    "storage": {"p": "plain", "e": "external", "m": "main", "x": "extended"},
    "compression": {"p": "pglz", "l": "lz4"},
    "enabled": {"O": "enabled", "D": "disabled", "R": "enabled on replicas", "A": "enabled always"},
    "command": {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "*": "ALL"},
    "context": {"e": "explicit", "a": "on assignment", "i": "implicit"},
    "method": {"f": "function", "i": "input and output functions", "b": "binary coercible"},
}

_ABSENT: Mapping[str, str] = {
    "privileges": "default privileges",
    "persistence": "permanent",
    "access method": "heap",
    "replica identity": "default",
    "storage": "the type's",
    "collation": "the type's",
    "tablespace": "the database's",
    "statistics": "the default target",
    "populated": "true",
    "row security": "disabled",
    "forced row security": "disabled",
    "clustered": "false",
    "triggers": "enabled",
    "index validity": "valid",
}

_FLAGS: Mapping[str, tuple[str, str]] = {
    "nullability": ("NULL", "NOT NULL"),
    "row security": ("disabled", "enabled"),
    "forced row security": ("disabled", "enabled"),
}

# PostgreSQL docs, "Privileges", table "ACL Privilege Abbreviations".
_PRIVILEGES: Mapping[str, str] = {
    "r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "D": "TRUNCATE",
    "x": "REFERENCES", "t": "TRIGGER", "X": "EXECUTE", "U": "USAGE", "C": "CREATE",
    "T": "TEMPORARY", "c": "CONNECT", "s": "SET", "A": "ALTER SYSTEM", "m": "MAINTAIN",
}  # fmt: skip


def cut(text: str) -> str:
    """The text within what a reader looks at and a report can hold."""
    return text if len(text) <= LIMIT else text[: LIMIT - 1] + "…"


def _unquoted(role: str) -> str:
    return role[1:-1].replace('""', '"') if role.startswith('"') else role


def granted(item: str) -> tuple[str, list[str], list[str]]:
    """The aclitem ``reader=r*w/owner`` as the role, its privileges and those it may pass on."""
    grantee, _, rest = item.rpartition("=")
    privileges: list[str] = []
    grantable: list[str] = []
    for letter in rest.partition("/")[0]:
        if letter == "*" and privileges:
            grantable.append(privileges[-1])
        else:
            privileges.append(_PRIVILEGES.get(letter, letter))
    return grantee or "PUBLIC", privileges, grantable


def grants(row: Mapping[str, Any]) -> tuple[Grant, ...]:
    """What others than the owner were given on the object."""
    found = (granted(item) for item in row.get("privileges", ()))
    return tuple(
        Grant(_unquoted(role), tuple(privileges), tuple(grantable))
        for role, privileges, grantable in found
        if _unquoted(role) != row.get("owner")
    )


def _grant(item: str) -> str:
    """The aclitem ``reader=r*w/owner`` as ``SELECT WITH GRANT OPTION, UPDATE TO reader``."""
    role, privileges, grantable = granted(item)
    words = (f"{each} WITH GRANT OPTION" if each in grantable else each for each in privileges)
    return f"{', '.join(words)} TO {role}"


def words(attribute: str, value: Any) -> str:
    """One attribute's value as a reader would write it, "" where there is none."""
    if value is None:
        return _ABSENT.get(attribute, "")
    if attribute == "privileges":
        return "; ".join(_grant(item) for item in value) or "no privileges for anybody"
    if isinstance(value, bool):
        return _FLAGS.get(attribute, ("false", "true"))[value]
    if isinstance(value, str):
        return _CODES.get(attribute, {}).get(value, value)
    if isinstance(value, dict):
        value = [f"{name}: {words(name, item)}" for name, item in value.items()]
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def exact(value: Any) -> str:
    """The value as JSON, for two that read alike and are not."""
    return msgspec.json.encode(value).decode()
