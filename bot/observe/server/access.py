"""Connections of the bot itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.observe.server.options import Address

if TYPE_CHECKING:
    import psycopg

APPLICATION = "db-recheck"  # application_name of the bot's own sessions
# A database may hold functions of a stranger: nothing is looked up outside pg_catalog (PostgreSQL
# wiki, "A Guide to CVE-2018-1058"). And its owner may have set what sessions in it begin with
# (ALTER DATABASE … SET): another role, limits that end them, another meaning of our own queries.
SESSION = """
    SET ROLE NONE; SET search_path = ''; SET jit = off;
    SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0;
    SET standard_conforming_strings = on; SET quote_all_identifiers = off;
    SET transform_null_equals = off; SET default_transaction_read_only = off;
    SET default_transaction_isolation = 'read committed';
    SET client_min_messages = warning; SET timezone = 'UTC'; SET row_security = off
"""
_LATER = {14: "idle_session_timeout", 17: "transaction_timeout"}  # the major that brought it


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
        client_encoding="UTF8",
        connect_timeout=timeout,
    )
    # never prepared: the tables that the bot reads again and again change their shape meanwhile
    connection = psycopg.connect(conninfo, autocommit=True, prepare_threshold=None)
    major = connection.info.server_version // 10000
    later = "".join(f"; SET {name} = 0" for since, name in _LATER.items() if major >= since)
    connection.execute(f"{SESSION}{later}".encode())
    return connection
