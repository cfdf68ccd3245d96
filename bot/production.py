"""What the repository says of production: its tables' sizes and its application's queries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, NoReturn

from bot.facts import NotChecked
from bot.facts.plans import Query
from bot.facts.sizes import Size
from bot.projects.tree import TreeView
from bot.settings import Settings, SettingsError
from bot.sql.named import Named, named

_LONGEST = 16 * 1024 * 1024  # bytes of one file
_MOST_ROWS = 10**15
_KEYS = ("rows", "bytes", "writes-per-second")
_HOW = "`db-recheck stats --url URL` and docs/table-stats.md make such a file"


@dataclass(frozen=True)
class Production:
    """The sizes of tables, the queries, and what of them could not be taken."""

    sizes: tuple[Size, ...] = ()
    queries: tuple[Query, ...] = ()
    small_table_rows: int = 10_000
    not_checked: tuple[NotChecked, ...] = field(default=())

    @property
    def large(self) -> dict[str, Size]:
        """The tables that are not small, by their names."""
        return {size.table: size for size in self.sizes if size.rows >= self.small_table_rows}


NOTHING_STATED = Production()


def production(settings: Settings, base: TreeView, merged: TreeView) -> Production:
    """What the files of ``table-stats`` and ``queries`` say.

    Sizes are base's, as every setting is, unless base says ``trust-head``. Queries are the merged
    tree's: they are what runs against the new schema; those that the change takes out are told.

    Raises:
        SettingsError: a file is not what it has to be, with its line where that is known.
    """
    sizes: tuple[Size, ...] = ()
    queries: tuple[Query, ...] = ()
    unseen: list[NotChecked] = []
    if settings.table_stats is not None:
        path = settings.table_stats
        data = (merged if settings.trust_head else base).read(path)
        if data is not None:
            sizes = read_sizes(path, data)
        elif merged.read(path) is not None:
            unseen.append(_only_head(path))
        else:
            raise SettingsError(path, None, f"there is no such file at base; {_HOW}")
    if settings.queries is not None:
        queries = _queries(settings.queries, base, merged, unseen)
    return Production(sizes, queries, settings.small_table_rows, tuple(unseen))


def read_sizes(path: str, data: bytes) -> tuple[Size, ...]:
    """The sizes that a file states, in the order of the tables' names.

    Raises:
        SettingsError: it is not JSON of that shape.
    """
    if len(data) > _LONGEST:
        raise SettingsError(path, None, f"has more than {_LONGEST // 1024**2} MB; {_HOW}")
    try:
        found = json.loads(
            data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_refuse
        )
    except json.JSONDecodeError as error:
        raise SettingsError(path, error.lineno, f"is not JSON: {error.msg}; {_HOW}") from None
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is one, too
        raise SettingsError(path, None, f"cannot be read: {error}; {_HOW}") from None
    if not isinstance(found, dict):
        raise SettingsError(
            path, 1, f'must be an object of tables, {{"schema.table": {{…}}}}; {_HOW}'
        )
    return tuple(sorted(_sizes(path, found), key=lambda size: size.table))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys stand there once each: of two sizes nobody knows which holds."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'the key "{twice}" comes twice')
    return found


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _sizes(path: str, found: dict[str, Any]) -> Iterator[Size]:
    for table, entry in found.items():
        if not all(table.partition(".")):
            raise SettingsError(path, None, f'"{table}": name tables as "schema.table"')
        if not isinstance(entry, dict):
            raise SettingsError(path, None, f'"{table}" must be {{"rows": …, "bytes": …}}; {_HOW}')
        for key in entry:
            if key not in _KEYS:
                listed = ", ".join(f'"{name}"' for name in _KEYS)
                raise SettingsError(path, None, f'"{table}": no key "{key}"; known are {listed}')
        rows, size = (_count(path, table, entry, key) for key in _KEYS[:2])
        yield Size(table, rows, size, _rate(path, table, entry.get(_KEYS[2])))


def _count(path: str, table: str, entry: dict[str, Any], key: str) -> int:
    value = entry.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST_ROWS:
        raise SettingsError(path, None, f'"{table}": "{key}" must be a whole number from 0')
    return value


def _rate(path: str, table: str, value: object) -> float | None:
    if value is None:
        return None
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    if not fits or not isinstance(value, int | float) or not 0 <= value <= _MOST_ROWS:
        raise SettingsError(path, None, f'"{table}": "{_KEYS[2]}" must be a number from 0')
    return float(value) if isfinite(value) else None


def _queries(
    path: str, base: TreeView, merged: TreeView, unseen: list[NotChecked]
) -> tuple[Query, ...]:
    before, after = (_named(path, tree.read(path)) for tree in (base, merged))
    if before is None and after is None:
        raise SettingsError(path, None, "there is no such file; see docs/configuration.md")
    old = {item.name: item.sql for item in before or ()}
    unseen += [_faulty(path, item) for item in after or () if item.fault]
    gone = sorted(old.keys() - {item.name for item in after or ()})
    if gone:
        unseen.append(_gone(path, gone))
    return tuple(
        Query(item.name, item.sql, path, item.line, new=old.get(item.name) != item.sql)
        for item in after or ()
        if not item.fault
    )


def _named(path: str, data: bytes | None) -> tuple[Named, ...] | None:
    if data is None:
        return None
    if len(data) > _LONGEST:
        raise SettingsError(path, None, f"has more than {_LONGEST // 1024**2} MB")
    try:
        return named(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SettingsError(path, None, "is not UTF-8: save it in that encoding") from None


def _only_head(path: str) -> NotChecked:
    return NotChecked(
        f"what the sizes of {path} mean for this change",
        "the file comes with the change itself, and sizes are those of base",
        "Nothing: they count once it is merged.",
    )


def _faulty(path: str, item: Named) -> NotChecked:
    return NotChecked(
        f"the plan of the query {item.name} ({path}:{item.line})",
        item.fault or "",
        "Mend it: one statement under each `-- name: …`, its parameters as :name or $1.",
    )


def _gone(path: str, names: Iterable[str]) -> NotChecked:
    return NotChecked(
        f"the plans of queries that the change takes out of {path}: {', '.join(names)}",
        "what it leaves in the file is what will run",
        "Nothing, if the application no longer sends them.",
    )
