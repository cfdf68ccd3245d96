"""Harmless values for settings that the project demands. Pure: names and kinds in, text out."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any, Mapping

from .address import scratch_url

_DATABASE = re.compile(r"PG|POSTGRES|PSQL|SQL|(^|_)DB(_|$)|DATABASE|^DB|_RDS_|^RDS|DSN")
_URL = re.compile(r"(URL|URI|DSN|CONN_STR|CONNECTION_STRING|CONNECTIONSTRING|CONNECTION)S?$")
_NUMBER = re.compile(
    r"(SECONDS|MINUTES|HOURS|DAYS|TIMEOUT|SIZE|LIMIT|COUNT|TTL|WORKERS|THREADS|INTERVAL|AGE|RETRIES|_ID|_MAX|_MIN)$"
)
_SWITCH = re.compile(r"(^|_)(DEBUG|ENABLED?|DISABLED?|IS|USE|ALLOW|VERBOSE|TESTING)(_|$)")
_ENGINE = re.compile(r"(ENGINE|DIALECT|DRIVER|TYPE|BACKEND|PROVIDER|VENDOR|SCHEME|PROTOCOL|KIND)$")

_SERVICES = (
    (re.compile(r"REDIS|CACHE"), "redis://localhost:6379/0"),
    (re.compile(r"AMQP|RABBIT|BROKER|CELERY"), "amqp://guest:guest@localhost:5672//"),
    (re.compile(r"MONGO"), "mongodb://localhost:27017/recheck"),
)


def connection_like(name: str) -> bool:
    """Whether the name is that of a database URL or of a part of one."""
    upper = name.upper()
    return bool(_DATABASE.search(upper)) and _connection_value(upper, _EXAMPLE, "") is not None


def placeholder(name: str) -> str:
    """44 characters, different for each name, and a valid Fernet key; no real secret is like it."""
    return base64.urlsafe_b64encode(hashlib.sha256(name.encode()).digest()).decode("ascii")


def value_for(name: str, kind: Any, address: Mapping[str, Any]) -> str:
    """The text that an environment variable of that name gets.

    ``kind`` is what is known of its type: "", "url", "int", "float", "bool", "json", "object",
    "email", "path", "date", ("choice", text) or ("longer", characters).
    """
    upper = re.sub(r"[^A-Z0-9]+", "_", name.upper())
    if isinstance(kind, (tuple, list)):
        return kind[1] if kind[0] == "choice" else (placeholder(name) * 20)[: max(44, int(kind[1]))]
    kind = str(kind)
    database = _connection_value(upper, address, kind) if _DATABASE.search(upper) else None
    by_kind = _by_kind(kind, upper, address)
    if kind in ("int", "float", "bool", "json", "object", "email", "date"):
        number = database if database and database.isdigit() and kind in ("int", "float") else None
        return number or by_kind or ""
    return database or by_kind or _by_name(name, upper)


def _by_kind(kind: str, upper: str, address: Mapping[str, Any]) -> str | None:
    if kind == "url":
        return _url(upper, address)
    plain = {
        "int": "8000" if upper.endswith("PORT") else "60",
        "float": "1.0",
        "bool": "false",
        "json": "[]",
        "object": "{}",
        "email": "recheck@example.com",
        "path": "/tmp",  # noqa: S108 - a folder that exists everywhere; nothing is written by us
        "date": "2024-01-01",
    }
    return plain.get(kind)


def _url(upper: str, address: Mapping[str, Any]) -> str:
    if _DATABASE.search(upper):
        return scratch_url(address)
    return next(
        (url for pattern, url in _SERVICES if pattern.search(upper)), "http://localhost:8000"
    )


_EXAMPLE = {"host": "localhost", "port": 5432, "user": "u", "password": "p", "database": "d"}


def _connection_value(upper: str, address: Mapping[str, Any], kind: str) -> str | None:
    """The part of the address that such a name asks for; None when it asks for none."""
    if _URL.search(upper) or kind == "url":
        return scratch_url(address)
    host = "localhost" if address["host"].startswith("/") else address["host"]
    endings = (
        (r"PORT$", str(address["port"])),
        (r"CREDENTIALS?$", f"{address['user']}:{address['password']}"),
        (r"(PASS|PASSWORD|PASSWD|PWD|PW|SECRET)$", address["password"]),
        (r"(HOST|HOSTNAME|SERVER|ADDR|ADDRESS|ENDPOINT)$", host),
        (r"(USER|USERNAME|LOGIN|ROLE|OWNER)$", address["user"]),
        (r"SSL_?MODE$", "prefer"),
        (r"SCHEMA$", "public"),
        (r"(ECHO|SSL|POOL_PRE_PING)$", "false"),
        (r"(POOL_SIZE|MAX_OVERFLOW|TIMEOUT|RECYCLE)$", "5"),
        (_ENGINE.pattern, "postgresql"),
        (r"(NAME|DATABASE|DB|DBNAME|PG|POSTGRES|POSTGRESQL)$", address["database"]),
    )
    return next((value for ending, value in endings if re.search(ending, upper)), None)


def _by_name(name: str, upper: str) -> str:
    if _URL.search(upper):
        return _url(upper, _EXAMPLE)
    if upper.endswith("PORT"):
        return "8000"
    if _SWITCH.search(upper):
        return "false"
    if _NUMBER.search(upper):
        return "60"
    endings = (
        (r"EMAIL|_FROM$|MAIL_SENDER", "recheck@example.com"),
        (r"(HOST|HOSTNAME|DOMAIN|HOSTS|ORIGINS|SERVER)$", "localhost"),
        (r"(^|_)(ENV|ENVIRONMENT|STAGE)$", "development"),
        (r"LOG_?LEVEL$", "INFO"),
        (r"(PATH|DIR|DIRECTORY|FOLDER|ROOT)$", "/tmp"),  # noqa: S108 - exists everywhere
        (r"(REGION)$", "us-east-1"),
    )
    return next((value for part, value in endings if re.search(part, upper)), placeholder(name))
