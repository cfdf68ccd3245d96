"""What differs between PostgreSQL drivers: psycopg, psycopg2, asyncpg, pg8000.

Each function takes the connection as SQLAlchemy's dialect returned it (for the asynchronous drivers
its synchronous adapter) and answers None or nothing for a driver it does not know.
"""

from __future__ import annotations

import contextlib
import importlib.util
from typing import Any, Callable, Mapping

from . import address as addresses

MODULES = {
    "psycopg": "psycopg",
    "psycopg2": "psycopg2",
    "asyncpg": "asyncpg",
    "pg8000": "pg8000",
    "psycopg2cffi": "psycopg2cffi",
}
SYNCHRONOUS = ("psycopg", "psycopg2", "pg8000", "psycopg2cffi")
ASYNCHRONOUS = ("asyncpg", "psycopg")

# Arguments that say where to connect, as whom and by which transport. Everything else is kept:
# options, server_settings, row factories, timeouts.
WHERE = frozenset(
    [
        "host",
        "hostaddr",
        "port",
        "user",
        "username",
        "password",
        "database",
        "dbname",
        "db",
        "dsn",
        "conninfo",
        "service",
        "servicefile",
        "passfile",
        "passfile_path",
        "unix_sock",
        "sock",
        "ssl",
        "ssl_context",
        "sslmode",
        "sslnegotiation",
        "sslcert",
        "sslkey",
        "sslrootcert",
        "sslcrl",
        "sslcrldir",
        "sslpassword",
        "sslcompression",
        "sslsni",
        "sslcertmode",
        "requiressl",
        "requirepeer",
        "direct_tls",
        "gssencmode",
        "gssdelegation",
        "krbsrvname",
        "gsslib",
        "require_auth",
        "channel_binding",
        "target_session_attrs",
        "load_balance_hosts",
        "replication",
        "ssl_min_protocol_version",
        "ssl_max_protocol_version",
    ]
)


def available(*, asynchronous: bool) -> str | None:
    """A driver that is installed and that this SQLAlchemy has a dialect for, or None."""
    names = ASYNCHRONOUS if asynchronous else SYNCHRONOUS
    for name in names:
        if importlib.util.find_spec(MODULES[name]) is None:
            continue
        if _has_dialect(name):
            return name
    return None


def _has_dialect(name: str) -> bool:
    from sqlalchemy.dialects import registry

    with contextlib.suppress(Exception):
        return registry.load("postgresql." + name) is not None
    return False


def where(driver: str, address: Mapping[str, Any]) -> dict[str, Any] | None:
    """Connection arguments of that driver for an address (a mapping with host, port, …)."""
    host, port = address["host"], int(address["port"])
    arguments: dict[str, Any] = {"user": address["user"], "password": address["password"]}
    if driver.startswith(("psycopg", "asyncpg")):
        arguments.update(host=host, port=port)
        arguments["database" if driver == "asyncpg" else "dbname"] = address["database"]
    elif driver == "pg8000":
        arguments["database"] = address["database"]
        if host.startswith("/"):
            arguments["unix_sock"] = f"{host}/.s.PGSQL.{port}"
        else:
            arguments.update(host=host, port=port)
    else:
        return None
    return arguments


def further(driver: str, address: Mapping[str, Any]) -> dict[str, Any]:
    """Further arguments of that driver from the address's libpq parameters.

    Those that secure the connection and are not here reach it through the environment
    (``address.libpq_environment``): libpq and asyncpg read them there. On a socket there is no TLS.
    """
    given = addresses.parameters(address)
    if driver.startswith("psycopg"):
        return dict(given)
    if not given or address["host"].startswith("/"):
        return {}
    if driver == "pg8000":
        return {"ssl_context": addresses.tls_context(address)}
    if driver == "asyncpg" and "sslmode" in given:
        return {"ssl": given["sslmode"]}
    return {}


def version(driver: str) -> str:
    """``"psycopg 3.2.1"``; the name alone where the module has no version."""
    if not driver:
        return ""
    name = MODULES.get(driver.replace("_async", ""), driver)
    with contextlib.suppress(Exception):
        found = str(importlib.import_module(name).__version__)
        return f"{name} {found.split(maxsplit=1)[0]}"
    return name


def _inner(connection: Any) -> Any:
    """The driver's own connection below SQLAlchemy's asynchronous adapter."""
    return getattr(connection, "_connection", connection)


def _family(connection: Any) -> str:
    module = type(_inner(connection)).__module__.partition(".")[0]
    return module if module in MODULES else ""


def listen(connection: Any, sink: Callable[[Any, Any], object]) -> None:
    """Have the server's notices sent to ``sink(sqlstate, message)`` by drivers that can do that."""
    family = _family(connection)
    if family == "psycopg":
        _inner(connection).add_notice_handler(
            lambda diagnostic: sink(diagnostic.sqlstate, diagnostic.message_primary)
        )
    elif family == "asyncpg":
        _inner(connection).add_log_listener(
            lambda _connection, message: sink(
                getattr(message, "sqlstate", None), getattr(message, "message", str(message))
            )
        )


# psycopg2 hands over the text of a notice without its SQLSTATE; these texts have one of their own
# (PostgreSQL documentation, appendix A).
_TEXTS = (
    ("will be truncated to", "42622"),
    ("already exists, skipping", "42P07"),
    ("there is no transaction in progress", "25P01"),
    ("there is already a transaction in progress", "25001"),
)


def collect(connection: Any, sink: Callable[[Any, Any], object]) -> None:
    """Send the notices that the driver only keeps in a list to ``sink`` and empty the list."""
    family = _family(connection)
    if family in ("psycopg2", "psycopg2cffi"):
        notices = connection.notices
        for text in list(notices):
            level, _, message = text.strip().partition(":")
            default = "01000" if level == "WARNING" else "00000"
            code = next((code for part, code in _TEXTS if part in message), default)
            sink(code, message.strip().partition("\n")[0])
        del notices[:]
    elif family == "pg8000":
        notices = connection.notices
        while notices:
            fields = notices.popleft()
            sink(_text(fields.get(b"C")), _text(fields.get(b"M")))


def _text(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def backend(connection: Any) -> int | None:
    """The process id of the server's backend."""
    inner, family = _inner(connection), _family(connection)
    with contextlib.suppress(Exception):
        if family == "psycopg":
            return int(inner.info.backend_pid)
        if family in ("psycopg2", "psycopg2cffi"):
            return int(inner.get_backend_pid())
        if family == "asyncpg":
            return int(inner.get_server_pid())
        if family == "pg8000":
            return int.from_bytes(inner._backend_key_data[:4], "big")
    return None


def read(connection: Any, query: str) -> str | None:
    """The one text that a query of the bot gives, on that connection and in its transaction.

    The query has no parameters. The connection's row and cursor factories do not count.
    """
    family = _family(connection)
    options: dict[str, Any] = {}
    if family == "psycopg2":
        options["cursor_factory"] = importlib.import_module("psycopg2.extensions").cursor
    cursor = connection.cursor(**options)
    try:
        if family == "psycopg":
            plain = importlib.import_module("psycopg.rows").tuple_row
            getattr(cursor, "_cursor", cursor).row_factory = plain
        cursor.execute(query)
        row = cursor.fetchone()
    finally:
        cursor.close()
    return None if row is None or row[0] is None else str(row[0])


_BEGUN = 2  # psycopg2.extensions.STATUS_BEGIN


def in_transaction(connection: Any) -> str:
    """Whether the next statement finds a transaction open, opens one (both true) or runs alone.

    Returns ``"open"``, ``"opens"`` or ``"alone"``. The session's true state is asked, so that an
    explicit ``COMMIT`` that went past SQLAlchemy is seen.
    """
    inner, family = _inner(connection), _family(connection)
    autocommit = bool(getattr(connection, "autocommit", False))
    is_open = None
    with contextlib.suppress(Exception):
        if family == "psycopg":
            is_open = int(inner.info.transaction_status) != 0
        elif family in ("psycopg2", "psycopg2cffi"):
            is_open = int(inner.get_transaction_status()) != 0
            if not is_open and int(inner.status) == _BEGUN:
                return "alone"  # a COMMIT went past the driver, which sends no further BEGIN
        elif family == "asyncpg":
            is_open = bool(inner.is_in_transaction())
            begun = getattr(connection, "_started", False) or connection._transaction is not None
            if not is_open and begun:
                return "alone"  # the adapter believes in a transaction that a COMMIT has ended
        elif family == "pg8000":
            is_open = bool(inner._in_transaction)
    if is_open:
        return "open"
    return "alone" if autocommit else "opens"


def close(connection: Any) -> None:
    """Drop the connection hard: its event loop may be gone, its transaction open."""
    inner, family = _inner(connection), _family(connection)
    with contextlib.suppress(Exception):
        if family == "asyncpg":
            inner.terminate()
        elif family == "psycopg":
            inner.pgconn.finish()
        else:
            inner.close()
