"""The rows of one table, after its plan. Deterministic: the same plan, the same rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.facts.rows import Trait
from bot.observe.rows.cells import Cells, ruled
from bot.observe.rows.keys import Reference
from bot.observe.rows.parents import ITSELF, Keys, Parents, Row
from bot.observe.rows.plan import Planned, TablePlan
from bot.observe.rows.rule import Choice, Rule, Rules
from bot.observe.rows.values import Values

_ATTEMPTS = 12  # to make one row that no unique key forbids
_NO_RULES: Rules = {}


@dataclass(frozen=True)
class Wanted:
    """How many rows to make, with which traits; ``first`` is the number of the first one.

    ``spared`` are columns that shall not have a trait.
    """

    count: int
    traits: frozenset[Trait] = frozenset()
    first: int = 0
    spared: frozenset[tuple[str, Trait]] = frozenset()

    def of(self, column: str) -> frozenset[Trait]:
        """The traits that the column's values may have."""
        if not self.spared:
            return self.traits
        return frozenset(item for item in self.traits if (column, item) not in self.spared)


@dataclass
class Known:
    """What is known before the rows are made.

    ``parents`` gives the keys of a referenced table (None: its rows are yet to come), ``explicit``
    values for columns that a sequence would fill, ``forced`` the values that a CHECK constraint
    lets some columns have together.
    """

    parents: Callable[[Reference], Keys | None]
    explicit: Mapping[str, Sequence[str]] = field(default_factory=dict)
    forced: list[tuple[tuple[str, ...], Sequence[tuple[str | None, ...]]]] = field(
        default_factory=list
    )


class Maker:
    """Makes rows one after the other; each obeys the unique keys with respect to those before."""

    def __init__(self, plan: TablePlan, values: Values, wanted: Wanted, known: Known) -> None:
        self._plan = plan
        self._wanted = wanted
        self._known = known
        self._given = {column.name for column in plan.columns} | known.explicit.keys()
        keys = [*plan.keys]
        keys += [
            key
            for key in plan.new_keys
            if not any(Trait.DUPLICATES in wanted.of(name) for name in key.columns)
        ]
        self._keys = [key for key in keys if self._given.issuperset(key.columns)]
        self._seen: list[set[tuple[str | None, ...]]] = [set() for _ in self._keys]
        self._rows: list[Row] = []
        self._rules: dict[tuple[int, int], list[tuple[Planned, Rule]]] = {}
        unique = frozenset(name for key in self._keys for name in key.columns)
        self._cells = Cells(values, wanted.of, frozenset(filter(self._alone, unique)))
        self._parents = Parents(plan, known.parents, self._rows, unique, wanted.of)
        self._references = [
            item for item in plan.references if self._given.issuperset(item.columns)
        ]

    def rows(self) -> list[Row]:
        """As many rows as wanted; fewer where the keys leave no room for more."""
        for place in range(self._wanted.count):
            for attempt in range(_ATTEMPTS):
                row = self._row(place, attempt)
                if row is not None and self._is_new(row):
                    self._rows.append(row)
                    break
        return self._rows

    def _alone(self, name: str) -> bool:
        """Whether it may not repeat: no other column of some key tells its rows apart."""
        others = (
            [each for each in key.columns if each != name]
            for key in self._keys
            if name in key.columns
        )
        return any(
            all(Trait.DUPLICATES in self._wanted.of(each) for each in columns) for columns in others
        )

    def _is_new(self, row: Row) -> bool:
        found = [key.of(row) for key in self._keys]
        pairs = list(zip(found, self._seen, strict=True))
        if any(value is not None and value in seen for value, seen in pairs):
            return False
        for value, seen in pairs:
            if value is not None:
                seen.add(value)
        return True

    def _row(self, place: int, attempt: int) -> Row | None:
        number = self._wanted.first + place + attempt * self._wanted.count
        way, columns = self._ruled(number)
        row: Row = {name: values[place] for name, values in self._known.explicit.items()}
        for names, lists in self._known.forced:
            row |= dict(zip(names, lists[number % len(lists)], strict=True))
        for name, rule in way.rules.items():
            if rule.null and name in self._given:
                row.setdefault(name, None)
        for turn, reference in enumerate(self._references):
            if not self._parents.refer(row, reference, number + turn, attempt):
                return None
        odd = place if self._wanted.traits and attempt == 0 else None
        for column, rule in columns:
            if column.name not in row:
                row[column.name] = self._cells.value(column, rule, number, odd)
        for left, right in way.equal:
            if left in row and right in row:
                row[right] = row[left]
        self._point_to_itself(row)
        return row

    def _ruled(self, number: int) -> tuple[Choice, list[tuple[Planned, Rule]]]:
        """The way of that row to satisfy the constraints, and each column's rule."""
        ways, parts = self._plan.ways, self._plan.parts
        place = (number % len(ways), number % len(parts) if parts else 0)
        way = ways[place[0]]
        if place not in self._rules:
            part = parts[place[1]] if parts else _NO_RULES
            self._rules[place] = [
                (column, ruled(column, way.rules, part)) for column in self._plan.columns
            ]
        return way, self._rules[place]

    def _point_to_itself(self, row: Row) -> None:
        for reference in self._references:
            for name, own in zip(reference.columns, reference.referenced, strict=True):
                if row[name] == ITSELF:
                    row[name] = row.get(own)
