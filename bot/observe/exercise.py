"""Views, functions, triggers and policies, used for real with the rights of the target's code.

Each in a transaction that is rolled back, and not for long. PostgreSQL does not look into the body
of a function when a column goes: only using it tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.facts.schema import Schema, Table
from bot.facts.trials import Broken

if TYPE_CHECKING:
    from psycopg import Connection

_MOST = 300  # objects of one database
_TIMEOUT_MS = 1000
_NO_ANSWER = ("57", "53", "55", "40")  # cancelled, no room, locked, deadlock: PostgreSQL Appendix A
_SYNTAX = "42"  # syntax error or access rule violation: what is named is not there
_RIGHTS = "42501"

_FUNCTIONS = """
SELECT n.nspname, p.proname, p.prokind::text, l.lanname,
       pg_catalog.pg_get_functiondef(p.oid),
       ARRAY(SELECT pg_catalog.format_type(t, NULL)
             FROM pg_catalog.unnest(p.proargtypes) WITH ORDINALITY AS a (t, n) ORDER BY a.n),
       n.nspname || '.' || p.proname || '('
           || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')'
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language l ON l.oid = p.prolang
WHERE p.prokind IN ('f', 'p') AND l.lanname IN ('sql', 'plpgsql') AND p.provariadic = 0
  AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND p.prorettype NOT IN ('pg_catalog.trigger'::regtype, 'pg_catalog.event_trigger'::regtype)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid
                    AND d.deptype = 'e')
ORDER BY 1, 2, 7
"""


@dataclass(frozen=True)
class Use:
    """One way to use an object: ``sql``, and ``tried`` in words. ``inside`` is what must fail."""

    kind: str
    name: str
    sql: str
    tried: str
    table: str | None = None
    inside: str = ""


@dataclass(frozen=True)
class Fault:
    """What the server said; ``context`` is where in a function it happened."""

    sqlstate: str
    message: str
    context: str = ""


Outcome = dict[Use, Fault | None]


def used(connection: Connection[tuple[object, ...]], schema: Schema) -> Outcome:
    """Use everything that hangs on the schema's tables.

    Raises:
        psycopg.Error: the connection is lost.
    """
    connection.execute(f"SET statement_timeout = {_TIMEOUT_MS}".encode())
    uses = [*_views(schema), *_functions(connection), *_triggers(schema), *_policies(schema)]
    return {use: attempt(connection, use.sql) for use in uses[:_MOST]}


def attempt(connection: Connection[tuple[object, ...]], sql: str) -> Fault | None:
    """Run one statement and roll it back; what the server said against it.

    Raises:
        psycopg.Error: the connection is lost.
    """
    from psycopg import Error

    try:
        with connection.transaction(force_rollback=True):
            connection.execute(sql.encode())
    except Error as error:
        if connection.closed or error.sqlstate is None:
            raise
        diagnosis = error.diag
        return Fault(error.sqlstate, diagnosis.message_primary or "", diagnosis.context or "")
    return None


def broken(before: Outcome, after: Outcome, read: Iterable[Broken] = ()) -> Iterator[Broken]:
    """What worked before and does not after; each object once, and none that ``read`` tells of."""
    known = {(use.kind, use.name, use.tried): fault for use, fault in before.items()}
    told = {(item.kind, item.name) for item in read}
    for use, fault in after.items():
        key = (use.kind, use.name, use.tried)
        if fault is None or key not in known or (use.kind, use.name) in told:
            continue
        if _is_new(use, known[key], fault):
            told.add((use.kind, use.name))
            yield Broken(use.kind, use.name, use.tried, fault.sqlstate, fault.message, use.table)


def _is_new(use: Use, before: Fault | None, after: Fault) -> bool:
    if after.sqlstate.startswith(_NO_ANSWER) or after.sqlstate == _RIGHTS:
        return False
    if use.inside and use.inside not in after.context:
        return False  # the statement itself was refused, not what it fires
    if after.sqlstate.startswith(_SYNTAX):
        return before is None or not before.sqlstate.startswith(_SYNTAX)
    return before is None and not use.inside and use.tried == "called"


def _views(schema: Schema) -> Iterator[Use]:
    for view in schema.views:
        name = _name(view.schema, view.name)
        if view.kind == "materialized view":
            yield Use(view.kind, view.full_name, f"REFRESH MATERIALIZED VIEW {name}", "refreshed")
        else:
            yield Use(view.kind, view.full_name, f"SELECT * FROM {name} LIMIT 5", "read")


def _functions(connection: Connection[tuple[object, ...]]) -> Iterator[Use]:
    for row in connection.execute(_FUNCTIONS.encode()).fetchall():
        schema, plain, kind, language, definition, types, signature = row
        word = "procedure" if kind == "p" else "function"
        arguments = ", ".join(f"NULL::{each}" for each in types)  # type: ignore[attr-defined]  # an array
        name = _name(str(schema), str(plain))
        if language == "sql":
            yield Use(word, str(signature), str(definition), "created again")
        if word == "procedure" and types:
            continue
        call = f"CALL {name}()" if word == "procedure" else f"SELECT {name}({arguments}) LIMIT 5"
        tried = "called with NULL arguments" if types else "called"
        yield Use(word, str(signature), call, tried)


def _triggers(schema: Schema) -> Iterator[Use]:
    for table in schema.tables:
        for trigger in table.triggers:
            if trigger.inherited or not trigger.enabled or trigger.timing == "INSTEAD OF":
                continue
            bare = trigger.function.rpartition(".")[2]
            for event in trigger.events:
                sql = firing(table, event)
                if sql is not None:
                    name = f"{table.full_name}.{trigger.name}"
                    tried = f"fired by {event}"
                    yield Use("trigger", name, sql, tried, table.full_name, bare)


def firing(table: Table, event: str) -> str | None:
    """A statement of that kind on one row of the table; None where there is none."""
    name = _name(table.schema, table.name)
    one = f"ctid = (SELECT ctid FROM {name} LIMIT 1)"
    plain = [c for c in table.columns if c.generated is None and c.identity is None]
    if event == "DELETE":
        return f"DELETE FROM {name} WHERE {one}"
    if event == "UPDATE" and plain:
        sets = ", ".join(f"{_quoted(c.name)} = {_quoted(c.name)}" for c in plain)
        return f"UPDATE {name} SET {sets} WHERE {one}"
    given = ", ".join(_quoted(c.name) for c in plain if "nextval(" not in (c.default or ""))
    if event == "INSERT" and given:
        return f"INSERT INTO {name} ({given}) SELECT {given} FROM {name} LIMIT 1"
    return None


def _policies(schema: Schema) -> Iterator[Use]:
    for table in schema.tables:
        for policy in table.policies:
            for rule in {policy.using, policy.check} - {None}:
                sql = f"SELECT ({rule}) FROM {_name(table.schema, table.name)} LIMIT 5"
                name = f"{table.full_name}.{policy.name}"
                yield Use("policy", name, sql, "evaluated", table.full_name)


def _name(schema: str, name: str) -> str:
    return f"{_quoted(schema)}.{_quoted(name)}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
