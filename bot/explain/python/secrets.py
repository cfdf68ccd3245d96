"""Passwords and keys that stand in SQL or Python as literals. Pure.

A value is taken for a secret by where it stands (``PASSWORD '…'``, an address with a password, a
name that says so) or by the form that a provider gives its keys. Placeholders are none.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from urllib.parse import urlsplit

from bot.source import nodes_of
from bot.sql.rights import roles
from bot.sql.tree import nodes, raw

# Forms that the providers document for their keys: AWS, GitHub, GitLab, Slack, Stripe, Google, npm.
_ISSUED = re.compile(
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_\w{60,}\b"
    r"|\bglpat-[\w-]{20,}|\bxox[abprs]-[\w-]{10,}|\b[sr]k_live_[A-Za-z0-9]{16,}\b"
    r"|\bAIza[\w-]{35}\b|\bnpm_[A-Za-z0-9]{36}\b"
    r"|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----[\s\S]*?(?:-----END[^-]*-----|$)"
)
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s'\"<>]+", re.IGNORECASE)
_PAIR = re.compile(r"\bpassword\s*=\s*([^\s'\";&]+)", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"[*x.]+|<.*>|\[.*\]|\$\{?\w.*|\{.*\}|%.*|:\w+|.*(?:change[-_]?me|example|placeholder|dummy|"
    r"redacted|secret[-_]?here|your[-_]).*|(?:password|passwd|pass|secret|postgres|test|none|null)",
    re.IGNORECASE | re.DOTALL,
)
_NAMES = ("password", "passwd", "pwd", "secret", "apikey", "passphrase")
_PAIRS = (("api", "key"), ("access", "key"), ("private", "key"), ("secret", "key"),
          ("auth", "token"),
          ("access", "token"), ("encryption", "key"), ("signing", "key"))  # fmt: skip
_ABOUT = {  # a name that goes on like this is about a secret and holds none
    *("hash", "hashed", "column", "field", "name", "table", "length", "type", "id", "at", "reset"),
    *(
        "encrypted",
        "policy",
        "env",
        "path",
        "file",
        "url",
        "min",
        "max",
        "label",
        "index",
        "header",
    ),
}
ADDRESS = "the password of an address"
_SHORTEST = 8
_HINTS = (*_NAMES, "key", "token")


@dataclass(frozen=True)
class Secret:
    """One literal; ``line`` counts from 1, 0 in SQL. ``kind`` says in words what it is.

    ``name`` is that of the role, column or variable that it belongs to, "" where there is none.
    """

    value: str
    kind: str
    line: int = 0
    name: str = ""


def looks(value: str) -> bool:
    """Whether a text could be a password or key: no words, no placeholder, mixed characters."""
    if not _SHORTEST <= len(value) <= 400 or any(char.isspace() for char in value):  # noqa: PLR2004 - longer is data
        return False
    if _PLACEHOLDER.fullmatch(value) or value.startswith(("$2a$", "$2b$", "$argon2", "SCRAM-SHA")):
        return False
    digits = any(char.isdigit() for char in value)
    letters = any(char.isalpha() for char in value)
    both_cases = value.lower() != value and value.upper() != value
    mixed = both_cases or not value.replace("_", "").isalnum() or len(value) >= 2 * _SHORTEST
    return digits and letters and mixed


def says_secret(name: str) -> bool:
    """Whether a name is that of a secret, and not of something about one."""
    words = [word for word in re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().split("_") if word]
    if not words or words[-1] in _ABOUT or {"hash", "hashed", "encrypted"} & set(words):
        return False
    pairs = pairwise(words)
    return bool(set(words) & set(_NAMES)) or any(pair in _PAIRS for pair in pairs)


def in_text(text: str) -> Iterator[Secret]:
    """Keys in a provider's form, and passwords in addresses."""
    for match in _ISSUED.finditer(text):
        yield Secret(match[0], "a key in the form that its provider gives it")
    for match in _ADDRESS.finditer(text):
        password = _password(match[0])
        if password is not None:
            yield Secret(password, ADDRESS)


def _password(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        password, host = parts.password, parts.hostname or ""
    except ValueError:
        return None
    local = host in ("", "localhost", "127.0.0.1", "db", "postgres") or host.endswith(".example")
    given = password and password != parts.username and not _PLACEHOLDER.fullmatch(password)
    return password if given and not local else None


@lru_cache(maxsize=512)
def in_sql(sql: str) -> tuple[Secret, ...]:
    """The secrets of a statement. Never raises."""
    found = list(in_text(sql))
    if not any(word in sql.lower() for word in _HINTS):
        return tuple(dict.fromkeys(found))  # parsing takes longer than looking
    for role in roles(sql):
        password = role.password
        if password and not _PLACEHOLDER.fullmatch(password) and not password.startswith("SCRAM"):
            found.append(Secret(password, "the password of the role", name=role.name))
    inner = [each for item in raw(sql) if item.node is not None for each in nodes(item.node)]
    for node in inner:
        kind = str(node.DESCRIPTOR.name)
        if kind == "DefElem" and node.defname.lower() == "password" and node.arg.string.sval:
            if not any(item.value == node.arg.string.sval for item in found):
                found += _real(node.arg.string.sval, "the password of a server")
        elif kind == "InsertStmt":
            found += _inserted(node)
        elif kind in ("A_Const", "CreateSubscriptionStmt"):
            text = node.sval.sval if kind == "A_Const" else node.conninfo
            for match in _PAIR.finditer(text) if text else ():
                found += _real(match[1], "the password of a connection")
    return tuple(dict.fromkeys(found))


def _real(value: str, kind: str) -> list[Secret]:
    return [] if _PLACEHOLDER.fullmatch(value) or len(value) < 4 else [Secret(value, kind)]  # noqa: PLR2004 - "x", "abc"


def _inserted(node: object) -> Iterator[Secret]:
    """Values for columns whose name says that they are secret."""
    names = [item.res_target.name for item in node.cols]  # type: ignore[attr-defined]  # a protobuf
    for row in node.select_stmt.select_stmt.values_lists:  # type: ignore[attr-defined]
        for name, value in zip(names, row.list.items, strict=False):
            text = value.a_const.sval.sval
            if says_secret(name) and looks(text):
                yield Secret(text, "a value for", name=name)


@lru_cache(maxsize=64)
def in_python(text: str) -> tuple[Secret, ...]:
    """The secrets of a Python file, each at its line; none in what is no Python.

    Docstrings count where a key is recognised by its form.
    """
    found = [secret for node in nodes_of(text) for secret in _of(node)]
    return tuple(sorted(dict.fromkeys(found), key=lambda item: item.line))


def _of(node: ast.AST) -> Iterator[Secret]:
    match node:
        case ast.Constant(value=str() as text, lineno=line):
            for item in (*in_text(text), *(in_sql(text) if "password" in text.lower() else ())):
                yield replace(item, line=line)
        case ast.Assign(targets=[ast.Name(id=name), *_], value=value):
            yield from _named(name, value)
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield from _named(name, value)
        case ast.keyword(arg=str() as name, value=value):
            yield from _named(name, value)
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield from _named(key.value, value)
        case _:
            pass


def _named(name: str, value: ast.expr) -> Iterator[Secret]:
    literal = isinstance(value, ast.Constant) and isinstance(value.value, str)
    if literal and says_secret(name) and looks(value.value):  # type: ignore[attr-defined]  # a constant
        yield Secret(value.value, "the value of", value.lineno, name)  # type: ignore[attr-defined]
