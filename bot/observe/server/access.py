"""Connections of the bot itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.observe.server.options import Address

if TYPE_CHECKING:
    import psycopg

APPLICATION = "db-recheck"  # application_name of the bot's own sessions
# A database may hold functions of a stranger: nothing is looked up outside pg_catalog (PostgreSQL
# wiki, "A Guide to CVE-2018-1058"). Settings of the role or the database do not count.
SESSION = """
    SET search_path = ''; SET jit = off; SET statement_timeout = 0; SET lock_timeout = 0;
    SET client_min_messages = warning; SET timezone = 'UTC';
    SET row_security = off
"""


def open_connection(address: Address, timeout: int = 10) -> psycopg.Connection:
    """A connection in autocommit mode with nothing on its search path.

    Raises:
        psycopg.OperationalError: nobody there, or not let in.
    """
    import psycopg

    conninfo = psycopg.conninfo.make_conninfo(
        **dict(address.parameters),
        host=address.host,
        port=address.port,
        user=address.user,
        password=address.password,
        dbname=address.database,
        application_name=APPLICATION,
        connect_timeout=timeout,
    )
    connection = psycopg.connect(conninfo, autocommit=True)
    connection.execute(SESSION)
    return connection
