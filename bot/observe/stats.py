"""The sizes of a database's tables, read in a transaction that cannot write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot.observe.server.options import ServerError
from bot.observe.server.url import to_libpq

if TYPE_CHECKING:
    from psycopg import Connection

QUERY = Path(__file__).with_name("stats.sql")
_CONNECT_SECONDS = 10
# Also where a pooler stands between: nothing of it outlives the transaction.
_SETTINGS = """
    SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
    SET LOCAL default_transaction_read_only = on;
    SET LOCAL statement_timeout = '30s';
    SET LOCAL lock_timeout = '2s';
    SET LOCAL search_path = pg_catalog
"""


def table_stats(url: str) -> str:
    """The JSON that ``table-stats`` reads, of the database at ``url``.

    Raises:
        ServerError: nobody answers there, or the role may not look; no password is in the message.
    """
    import psycopg

    try:
        with psycopg.connect(
            to_libpq(url), connect_timeout=_CONNECT_SECONDS, application_name="db-recheck stats"
        ) as connection:
            return read(connection)
    except psycopg.Error as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise ServerError(f"the sizes could not be read: {said}") from None


def read(connection: Connection[tuple[object, ...]]) -> str:
    """The same over a connection; its transaction is rolled back.

    Raises:
        psycopg.Error: it is not allowed, or took too long.
    """
    try:
        connection.execute(_SETTINGS.encode())
        row = connection.execute(QUERY.read_bytes()).fetchone()
    finally:
        connection.rollback()
    return f"{row[0] if row else '{}'}\n"
