"""Which index serves queries by these columns: method, order of the keys, condition. Pure.

Sources: PostgreSQL docs, "Multicolumn Indexes" (columns compared with = first, then the one that a
range is asked of), "Partial Indexes", "Index-Only Scans and Covering Indexes", "GIN Indexes",
"Built-in Operator Classes".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.consult.asked import Asked, Use
from bot.explain.schema.tenancy import Tenancy
from bot.facts.relation import Index
from bot.facts.schema import Column, Schema, Table
from bot.wording import code

_GIN = frozenset({"jsonb", "tsvector"})
_NONE = frozenset({"json", "xml"})  # without an operator class for any index method
_GEOMETRIC = frozenset({"point", "box", "polygon", "circle"})
_NO_ORDER = frozenset({"line", "lseg", "path"})


@dataclass(frozen=True)
class Key:
    """One key of the index and why it stands there. ``use`` is EQUAL or RANGE."""

    column: Column
    use: Use
    why: str
    descending: bool = False


@dataclass(frozen=True)
class Choice:
    """An index: ``keys`` may be empty, where nothing asked for can be a key.

    ``notes`` are sentences on what was left out and why; ``later`` are columns that need an index
    of their own.
    """

    method: str = "btree"
    keys: tuple[Key, ...] = ()
    include: tuple[str, ...] = ()
    predicate: str | None = None
    notes: tuple[str, ...] = ()
    later: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its keys."""
        return tuple(key.column.name for key in self.keys)

    def used(self, use: Use) -> tuple[str, ...]:
        """The names of the keys with that use."""
        return tuple(key.column.name for key in self.keys if key.use is use)


def method_of(column: Column) -> str | None:
    """The index method that serves the column's type by itself; None where none does."""
    kind = column.type
    if kind.array or kind.base in _GIN:
        return "gin"
    if kind.kind in ("range", "multirange") or kind.base in _GEOMETRIC:
        return "gist"
    if kind.base in _NONE | _NO_ORDER:
        return None
    return "btree"


def choose(
    schema: Schema, table: Table, asked: Sequence[Asked], tenancy: Tenancy | None = None
) -> Choice:
    """The index for these columns; ``tenancy`` None is a schema that knows no tenants."""
    tenant = tenancy.of(table) if tenancy else None
    wanted = [item for item in asked if item.use in (Use.EQUAL, Use.RANGE)]
    notes = [_unindexable(item.column) for item in wanted if method_of(item.column) is None]
    plain = [item for item in wanted if method_of(item.column) == "btree"]
    special = [item for item in wanted if method_of(item.column) in ("gin", "gist")]
    conditions = [item.condition for item in asked if item.use is Use.FIXED]
    predicate = " AND ".join(conditions) or None
    fixed = {item.column.name for item in asked if item.use is Use.FIXED}
    if special and not plain:
        return _special(schema, special, tenant, predicate, notes)
    booleans = [item.column.name for item in plain if item.column.type.category == "B"]
    if plain and len(booleans) == len(plain) and tenant is None:
        notes += [_boolean(name) for name in booleans]
        return Choice(notes=tuple(notes))
    keys = list(_keys(table, plain, tenant, fixed))
    if not keys and predicate:
        keys = list(_primary(table))
    included = [item.column.name for item in asked if item.use is Use.INCLUDE]
    taken = {key.column.name for key in keys}
    if special:
        names = ", ".join(code(item.column.name) for item in special)
        notes.append(
            f"{names} cannot share a B-tree: ask for an index of its own; PostgreSQL combines the"
            " two by a bitmap."
        )
    ranges = [key.column.name for key in keys if key.use is Use.RANGE]
    if len(ranges) > 1:
        notes.append(
            f"Only the first range, {code(ranges[0])}, bounds what is read of the index; those"
            " behind it filter what was read."
        )
    return Choice(
        "btree",
        tuple(keys),
        tuple(name for name in included if name not in taken),
        predicate,
        tuple(notes),
        tuple(item.column.name for item in special),
    )


def _keys(
    table: Table, plain: Sequence[Asked], tenant: Column | None, fixed: set[str]
) -> Iterator[Key]:
    """Tenant, what is compared with =, then ranges."""
    if tenant is not None and tenant.name not in fixed and plain:
        named = any(item.column.name == tenant.name for item in plain)
        added = "" if named else "; it was added, because every query of a tenant has it"
        yield Key(
            tenant,
            Use.EQUAL,
            f"the tenant comes first: one tenant's rows lie together, and no query reads another's"
            f"{added}",
        )
    equal = [item for item in plain if item.use is Use.EQUAL and item.column is not tenant]
    for item in sorted(equal, key=lambda item: _coarse(table, item.column)):
        yield Key(item.column, Use.EQUAL, _why_equal(table, item.column))
    first = True
    for item in plain:
        if item.use is Use.RANGE and item.column is not tenant:
            yield Key(item.column, Use.RANGE, _why_range(first=first), item.descending)
            first = False


def _coarse(table: Table, column: Column) -> int:
    """0 for what finds few rows, 2 for what many rows share."""
    if _unique(table, column):
        return 0
    return 2 if few_values(column) else 1


def few_values(column: Column) -> bool:
    """Whether its type has so few values that many rows share each of them."""
    return column.type.category == "B" or column.type.kind == "enum"


def _unique(table: Table, column: Column) -> bool:
    return any(index.unique and index.columns == (column.name,) for index in table.indexes)


def _why_equal(table: Table, column: Column) -> str:
    if _unique(table, column):
        return "compared with `=`, and unique: it finds one row"
    if _coarse(table, column) == 2:  # noqa: PLR2004 - the coarsest
        return (
            "compared with `=`; behind the other columns that are, because it has few values and"
            " alone finds a large part of the table"
        )
    return "compared with `=`: before any range, so that the rows wanted lie side by side"


def _why_range(*, first: bool) -> str:
    if first:
        return (
            "a range or the order of the result: behind all that is compared with `=`, so that"
            " one stretch of the index is read, already sorted"
        )
    return "another range: it only filters what the range before it let through"


def _primary(table: Table) -> Iterator[Key]:
    """What to sort by where the condition says all: the primary key."""
    key = table.primary_key
    for name in key.columns if key else ():
        column = table.column(name)
        if column is not None:
            yield Key(column, Use.RANGE, "the condition picks the rows; the key gives their order")


def _special(
    schema: Schema,
    special: Sequence[Asked],
    tenant: Column | None,
    predicate: str | None,
    notes: list[str],
) -> Choice:
    """GIN or GiST; the tenant is a key of it where an extension lets it be one."""
    method = method_of(special[0].column) or "gin"
    fitting = [item for item in special if method_of(item.column) == method]
    keys = [Key(item.column, Use.EQUAL, _why_special(item.column, method)) for item in fitting]
    extension = f"btree_{method}"
    if tenant is not None and any(item.name == extension for item in schema.extensions):
        keys.insert(0, Key(tenant, Use.EQUAL, f"the tenant first, which {code(extension)} allows"))
    elif tenant is not None:
        notes.append(
            f"The tenant column {code(tenant.name)} can be a key of a {method.upper()} index only"
            f" with the extension {code(extension)}; without it, PostgreSQL combines this index"
            " with one on the tenant by a bitmap."
        )
    return Choice(
        method,
        tuple(keys),
        predicate=predicate,
        notes=tuple(notes),
        later=tuple(item.column.name for item in special if item not in fitting),
    )


def _why_special(column: Column, method: str) -> str:
    name = column.type.name
    if method == "gin":
        return f"{code(name)} is asked for what it contains, which GIN indexes and a B-tree cannot"
    return f"{code(name)} is asked for what it overlaps or contains, which GiST indexes"


def _unindexable(column: Column) -> str:
    hint = ": make it `jsonb`, which GIN indexes" if column.type.base == "json" else ""
    return (
        f"{code(column.name)} has the type {code(column.type.name)}, which no index serves{hint}."
    )


def _boolean(name: str) -> str:
    return (
        f"{code(name)} is boolean: an index on it finds about half of the table, and reading the"
        f" table is faster. If one value is rare, ask for that one: {code(name + '=true')} makes a"
        " partial index."
    )


def covering(table: Table, choice: Choice) -> Index | None:
    """An index that is there already and serves the same queries as well; None for none."""
    if choice.predicate is not None:  # only PostgreSQL can tell whether two conditions are one
        return None
    equal, ranges = choice.used(Use.EQUAL), choice.used(Use.RANGE)
    for index in table.indexes:
        if not index.valid or index.method != choice.method or index.predicate is not None:
            continue
        columns = index.columns
        carried = {*columns, *index.include}
        if not set(choice.include) <= carried:
            continue
        if choice.method != "btree":
            if set(choice.columns) <= set(columns):
                return index
            continue
        one_row = index.unique and None not in columns and set(columns) <= set(equal)
        prefix = set(columns[: len(equal)]) == set(equal)
        behind = columns[len(equal) : len(equal) + len(ranges)] == ranges
        if one_row or (prefix and behind and (equal or ranges)):
            return index
    return None


def replaced(table: Table, choice: Choice) -> tuple[Index, ...]:
    """Indexes that serve nothing any more once this one is there: beginnings of its keys."""
    if choice.method != "btree" or choice.predicate:
        return ()
    columns = choice.columns
    return tuple(
        index
        for index in table.indexes
        if not (index.unique or index.constraint or index.predicate or index.include)
        and index.method == "btree"
        and index.columns == columns[: len(index.columns)]
        and not any(key.descending or key.opclass or key.collation for key in index.keys)
    )
