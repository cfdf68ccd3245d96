"""Addresses as URLs: the user's, in libpq's or SQLAlchemy's spelling, and the target's. Pure."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, urlencode

from bot.observe.server.options import Address, ServerError

# asyncpg's and pg8000's own names for what libpq calls sslmode.
SSL_WORDS = {"true": "require", "1": "require", "false": "disable", "0": "disable"}
UNKNOWN_TO_LIBPQ = {"prepared_statement_cache_size", "async_fallback", "client_encoding"}


def to_libpq(url: str) -> str:
    """The URL as libpq reads it: without SQLAlchemy's driver and the drivers' own parameters.

    Raises:
        ServerError: it is not a PostgreSQL URL. The message holds no password.
    """
    scheme, separator, rest = url.strip().partition("://")
    if not separator or not re.fullmatch(r"postgres(ql)?(\+\w+)?", scheme):
        shown = scheme if separator and re.fullmatch(r"[\w+.-]{1,40}", scheme) else "no scheme"
        raise ServerError(
            f"the database URL is not one of PostgreSQL ({shown}): write "
            "postgresql://user:password@host:5432/database"
        )
    address, question, query = rest.partition("?")
    kept = []
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key == "ssl":
            kept.append(("sslmode", SSL_WORDS.get(value.lower(), value)))
        elif key not in UNKNOWN_TO_LIBPQ:
            kept.append((key, value))
    return f"postgresql://{address}" + (question and f"?{urlencode(kept)}")


def placeholders(address: Address) -> dict[str, str]:
    """What ``{url}`` and the other placeholders of the configuration stand for."""
    user, password = quote(address.user, safe=""), quote(address.password, safe="")
    host = quote(address.host, safe="")
    place = f"{address.host}:{address.port}/{quote(address.database, safe='')}"
    if address.host.startswith("/"):  # a socket directory cannot stand where a host does
        place = f"/{quote(address.database, safe='')}?host={host}&port={address.port}"
    return {
        "url": f"postgresql://{user}:{password}@{place}",
        "host": address.host,
        "port": str(address.port),
        "user": address.user,
        "password": address.password,
        "database": address.database,
    }
