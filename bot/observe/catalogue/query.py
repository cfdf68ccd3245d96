"""The one query that reads a whole catalogue, composed for a server's major version.

Each file under ``sql/`` holds sections: ``-- section: <kind>`` and a SELECT whose rows are objects
of that kind. A row's ``name`` identifies it, ``table`` and ``parent`` say what it belongs to, every
other column is an attribute, called what a reader calls it. No column may hold an OID, an attribute
number or the database's name: none of them survives a clone or a round trip.

A line ending in ``-- since 14`` or ``-- before 14`` is for such servers only. ``{acl …}`` and its
like are written out by ``_MACROS``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.resources import files

OLDEST_MAJOR = 13
BOT_ROLES = "db_recheck_"  # how the names of the bot's roles on a user's server start

# What pg_get_*() and casts to text print must not depend on the session. Transaction-local, so a
# caller's autocommit session is left as it was. (PostgreSQL docs, "Client Connection Defaults".)
SETTINGS = {
    "search_path": "",
    "client_encoding": "UTF8",
    "quote_all_identifiers": "off",
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    "transform_null_equals": "off",
    "row_security": "off",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
    "max_parallel_workers_per_gather": "0",
}

_VERSIONED = re.compile(r"-- (since|before) (\d+)$")
_SECTION = re.compile(r"^-- section: (.+)$", re.MULTILINE)
_MACRO = re.compile(r"\{(\w+) ([^{}]+)\}")
_SORTED = 'ARRAY(SELECT i::text COLLATE "C" FROM unnest({}) i ORDER BY 1)'


def _acl(kind: str, acl: str, owner: str) -> str:
    """Privileges in a fixed order, NULL where they are what no GRANT or REVOKE leaves."""
    default = _SORTED.format(f"acldefault('{kind}', {owner})")
    return f"CASE WHEN {acl} IS NOT NULL THEN NULLIF({_SORTED.format(acl)}, {default}) END"


def _comment(catalogue: str, oid: str) -> str:
    """The object's comment; few objects have one, so most rows cost a look into a hash table."""
    return (
        f"CASE WHEN {oid} IN (SELECT n.objoid FROM noted n) THEN"
        f" (SELECT note.description FROM pg_description note WHERE note.objoid = {oid}"
        f" AND note.classoid = '{catalogue}'::regclass AND note.objsubid = 0) END"
    )


def _own(catalogue: str, oid: str) -> str:
    """Not part of an extension."""
    return f"{oid} NOT IN (SELECT m.objid FROM member m WHERE m.classid = '{catalogue}'::regclass)"


def _role(name: str) -> str:
    """Neither PostgreSQL's own role nor one that this or another run of the bot made for itself."""
    return f"{name} !~ '^(pg_|{BOT_ROLES})'"


def _seen(schema: str, name: str) -> str:
    """Not one of the tables to ignore."""
    return f"({schema} || '.' || {name} <> ALL ($1) AND '*.' || {name} <> ALL ($1))"


def _sorted(array: str) -> str:
    return f"CASE WHEN {array} IS NOT NULL THEN {_SORTED.format(array)} END"


def _column_options(array: str) -> str:
    """What ALTER COLUMN … SET (…) has set, sorted.

    A server may keep a counter of its own among these options (seen in 15.20, not in 15.18). It
    differs for every new table, and neither SET nor RESET changes it.
    """
    kept = (
        f"SELECT i COLLATE \"C\" FROM unnest({array}) i WHERE i NOT LIKE 'pg\\_attver=%' ORDER BY 1"
    )
    return f"CASE WHEN {array} IS NOT NULL THEN NULLIF(ARRAY({kept}), '{{}}') END"


_MACROS: Mapping[str, Callable[..., str]] = {
    "acl": _acl,
    "column_options": _column_options,
    "comment": _comment,
    "own": _own,
    "role": _role,
    "seen": _seen,
    "sorted": _sorted,
}


def _expand(match: re.Match[str]) -> str:
    return _MACROS[match[1]](*match[2].split())


def _for_version(text: str, major: int) -> str:
    """The lines of the text that servers of this major understand."""
    kept = []
    for line in text.splitlines():
        mark = _VERSIONED.search(line)
        if mark is None or (major >= int(mark[2])) == (mark[1] == "since"):
            kept.append(_VERSIONED.sub("", line).rstrip())
    return "\n".join(kept)


@cache
def compose(major: int) -> str:
    """The query for servers of that major; ``$1`` is a text[] of ``Ignore.patterns``.

    It yields one row with two JSON texts: an object that maps each kind to its rows, sorted by
    name, and, where ``$2`` is true, one that maps each section of ``structure.sql`` to its rows.
    """
    texts = {
        item.name: _for_version(item.read_text("utf-8"), major)
        for item in (files(__package__) / "sql").iterdir()
        if item.name.endswith(".sql")
    }
    scope = texts.pop("00_scope.sql")
    structure = ",\n".join(
        f"'{name}', (SELECT json_agg(x.row) FROM (\n{rows}\n) x)"
        for name, rows in _sections(texts.pop("structure.sql"))
    )
    kinds = ",\n".join(
        f"'{kind}', (SELECT json_agg(x ORDER BY x.name COLLATE \"C\") FROM (\n{rows}\n) x)"
        for name in sorted(texts)
        for kind, rows in _sections(texts[name])
    )
    return (
        f"WITH {_MACRO.sub(_expand, scope)}\n"
        f"SELECT json_build_object({kinds})::text,\n"
        f"CASE WHEN $2 THEN json_build_object({structure}) END::text"
    )


def _sections(text: str) -> Iterator[tuple[str, str]]:
    """Each section's name and its SELECT, written out."""
    _, *parts = _SECTION.split(text)
    for name, select in zip(parts[::2], parts[1::2], strict=True):
        yield name, _MACRO.sub(_expand, select.strip())


def settings() -> str:
    """A statement that fixes, for this transaction, what the query's output depends on."""
    calls = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in SETTINGS.items())
    return f"SELECT {calls}"
