"""Every branch of the functions in PL/pgSQL, looked at by the extension plpgsql_check.

A call reaches the branches that its arguments lead to. Where the server has the extension, it plans
each statement of a body without running it (https://github.com/okbob/plpgsql_check, "Features").
The bot creates it in the database of the trial, in a schema of its own, while it asks, and it is
gone before the target's code runs again. It is asked with the rights of that code: planning a query
executes functions that are marked IMMUTABLE.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.facts.schema import Schema
from bot.observe.branches import NO_ANSWER, Body, Looked, Said
from bot.observe.rows.trial import Trial
from bot.observe.server import Server

if TYPE_CHECKING:
    from psycopg import Connection

NAME = "plpgsql_check"
_MOST = 300  # functions and triggers of one database
_BUDGET = 10.0  # seconds for all of them, and for each step of the extension's coming and going
_TIMEOUT_MS = 1000  # for one
_LONGEST = 1000  # characters of a message
_ERRORS = 50  # of one function

_BODIES = """
SELECT p.oid::bigint, p.prokind::text, n.nspname || '.' || p.proname || '('
           || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')',
       p.prosrc, COALESCE(c.oid, 0)::bigint, s.nspname || '.' || c.relname,
       t.tgname::text, t.tgoldtable::text, t.tgnewtable::text
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
LEFT JOIN (pg_catalog.pg_trigger t
    JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid AND c.relkind IN ('r', 'p')
    JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
) ON t.tgfoid = p.oid AND NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled <> 'D'
WHERE p.prokind IN ('f', 'p') AND l.lanname = 'plpgsql'
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND p.prorettype <> 'pg_catalog.event_trigger'::regtype
  AND (c.oid IS NOT NULL OR p.prorettype <> 'pg_catalog.trigger'::regtype)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid
                    AND d.deptype = 'e')
ORDER BY 3, 6, 7
"""


def looked_at(server: Server, trial: Trial, schema: Schema) -> Looked:
    """Look at every body of the trial's database; nothing where the server cannot do that.

    ``schema`` is what the database holds: without functions in PL/pgSQL nobody is asked.

    Raises:
        psycopg.Error: the connection is lost.
    """
    if not any(function.language == "plpgsql" for function in schema.functions):
        return {}
    with _extension(server, trial.database) as place:
        if place is None:
            return {}
        with trial.as_owner() as connection:
            connection.execute(f"SET statement_timeout = {_TIMEOUT_MS}".encode())
            return dict(_looked(connection, place))


@contextmanager
def _extension(server: Server, database: str) -> Iterator[str | None]:
    """The schema in which the extension is meanwhile; None where the bot cannot have it."""
    from psycopg import sql

    with server.connect(database) as bot:
        bot.execute(f"SET statement_timeout = {int(1000 * _BUDGET)}".encode())
        found = bot.execute(
            "SELECT n.nspname, e.oid IS NOT NULL FROM pg_catalog.pg_available_extensions a"
            " LEFT JOIN pg_catalog.pg_extension e ON e.extname = a.name"
            " LEFT JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE a.name = %s",
            (NAME,),
        ).fetchone()
        if found is None or found[1]:
            yield str(found[0]) if found else None
            return
        place = _made(bot)
        try:
            yield place
        finally:
            if place is not None:
                bot.execute(sql.SQL("DROP EXTENSION {}").format(sql.Identifier(NAME)))
                bot.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(place)))


def _made(bot: Connection[tuple[object, ...]]) -> str | None:
    """A new schema with the extension in it; None where the bot is no superuser."""
    from psycopg import Error, sql

    place = f"db_recheck_{secrets.token_hex(4)}"  # where no function of a stranger's can be
    steps = (
        "CREATE SCHEMA {0}",
        "GRANT USAGE ON SCHEMA {0} TO PUBLIC",
        "CREATE EXTENSION {1} SCHEMA {0}",
    )
    try:
        with bot.transaction():
            for step in steps:
                bot.execute(sql.SQL(step).format(sql.Identifier(place), sql.Identifier(NAME)))
    except Error:
        if bot.closed:
            raise
        return None
    return place


def _looked(
    connection: Connection[tuple[object, ...]], place: str
) -> Iterator[tuple[tuple[str, str], tuple[Body, frozenset[Said]]]]:
    until = time.monotonic() + _BUDGET
    for row in connection.execute(_BODIES.encode()).fetchmany(_MOST):
        function, kind, signature, text, relation, table, trigger, old, new = row
        if time.monotonic() > until:
            return
        word = "trigger" if trigger else "procedure" if kind == "p" else "function"
        called = str(trigger) if trigger else None
        body = Body(word, str(signature), str(text), str(table) if table else None, called)
        said = _asked(connection, place, (function, relation, old, new))
        if said is not None:
            yield (word, body.name), (body, said)


def _asked(
    connection: Connection[tuple[object, ...]], place: str, what: tuple[object, ...]
) -> frozenset[Said] | None:
    """The errors of one body; None where that cannot be said."""
    from psycopg import Error, sql

    function, relation, old, new = what
    named = {"oldtable": old, "newtable": new}
    query = sql.SQL(
        "SELECT sqlstate, message, lineno, statement FROM {}.plpgsql_check_function_tb("
        "funcoid => {}::pg_catalog.regprocedure, relid => {}::pg_catalog.regclass,"
        " fatal_errors => false, other_warnings => false, performance_warnings => false,"
        " extra_warnings => false{}) WHERE level = 'error'"
    ).format(
        sql.Identifier(place),
        sql.Literal(function),
        sql.Literal(relation),
        sql.SQL("").join(
            sql.SQL(", {} => {}").format(sql.Identifier(key), sql.Literal(value))
            for key, value in named.items()
            if value is not None
        ),
    )
    try:
        with connection.transaction(force_rollback=True):
            rows = connection.execute(query).fetchmany(_ERRORS)
    except Error as error:
        if connection.closed or error.sqlstate is None:
            raise
        if error.sqlstate.startswith(NO_ANSWER):
            return None
        message = error.diag.message_primary or ""
        return frozenset({Said(error.sqlstate, message[:_LONGEST])})
    return frozenset(
        Said(
            str(state),
            str(message)[:_LONGEST],
            line if isinstance(line, int) else None,
            str(statement or "")[:_LONGEST],
        )
        for state, message, line, statement in rows
    )
