"""``seed-sql``: the user's own rows, run statement by statement with the target's rights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg import Connection

_TOKEN = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|;""",
    re.DOTALL,
)
_ESCAPES = re.compile(r"\be'(?:[^'\\]|''|\\.)*'", re.IGNORECASE | re.DOTALL)
_FROM_STDIN = re.compile(r"\s*COPY\b.*\bFROM\s+STDIN\b", re.IGNORECASE | re.DOTALL)
_META = re.compile(r"\\(\w+).*\n?")
_HARMLESS_META = frozenset({"restrict", "unrestrict", "set", "echo", "encoding", "pset", "timing"})
_THERE_ALREADY = frozenset({"42P06", "42P07", "42710", "42723"})  # duplicate_schema, table, …


@dataclass(frozen=True)
class Statement:
    """One statement of a seed: ``data`` is what follows COPY … FROM STDIN, None for another."""

    sql: str
    line: int
    data: str | None = None


@dataclass(frozen=True)
class Fault:
    """A statement of a seed that was not run, with the line that it begins on and the reason."""

    line: int
    reason: str


def run(connection: Connection[tuple[object, ...]], text: str) -> list[Fault]:
    """Run the text's statements, each on its own; what the server refuses is left out.

    Objects that are there already are no fault: a dump may hold the schema, too. Everything is kept
    or undone with the transaction that the caller opened, if any.
    """
    from psycopg import Error

    faults = []
    for item in statements(text):
        meta = _META.match(item.sql)
        if meta:
            if meta[1] not in _HARMLESS_META:
                faults.append(Fault(item.line, f"psql's own command \\{meta[1]} is not run"))
            continue
        try:
            with connection.transaction(), connection.cursor() as cursor:
                if item.data is None:
                    cursor.execute(item.sql.encode())
                    continue
                with cursor.copy(item.sql.encode()) as copy:
                    copy.write(item.data)
        except Error as error:
            if connection.closed:
                raise
            setting = item.sql[:4].upper() == "SET "  # of another version of PostgreSQL
            if error.sqlstate not in _THERE_ALREADY and not setting:
                reason = error.diag.message_primary or str(error).strip()
                faults.append(Fault(item.line, reason))
    return faults


def statements(text: str) -> Iterator[Statement]:
    """The statements of a script as psql reads them, COPY's data and psql's commands told apart."""
    at = 0
    while at < len(text):
        found = re.compile(r"(?:\s+|--[^\n]*\n?)*").match(text, at)
        start = found.end() if found else at
        if start >= len(text):
            return
        line = text.count("\n", 0, start) + 1
        if text[start] == "\\":
            end = text.find("\n", start)
            at = len(text) if end < 0 else end + 1
            yield Statement(text[start:at], line)
            continue
        at = _end(text, start)
        sql = text[start:at].rstrip().removesuffix(";")
        if _FROM_STDIN.match(sql):
            data, at = _data(text, at)
            yield Statement(sql, line, data)
        elif sql.strip():
            yield Statement(sql, line)


def _end(text: str, start: int) -> int:
    """Just behind the semicolon that ends the statement."""
    at = start
    while True:
        escape = _ESCAPES.search(text, at)
        found = _TOKEN.search(text, at)
        if found is None:
            return len(text)
        if escape is not None and escape.start() < found.start():
            found = escape
        if found[0] == ";":
            return found.end()
        at = found.end()


def _data(text: str, at: int) -> tuple[str, int]:
    """COPY's data up to its end mark, and where the script goes on."""
    begin = text.find("\n", at) + 1
    if begin == 0:
        return "", len(text)
    end = begin if text.startswith("\\.", begin) else text.find("\n\\.", begin) + 1
    if end <= 0:
        return text[begin:], len(text)
    after = text.find("\n", end)
    return text[begin:end], len(text) if after < 0 else after + 1
