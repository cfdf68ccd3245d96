"""Which existing row a new one refers to. Deterministic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from bot.facts.rows import Trait
from bot.observe.rows.cells import EVERY
from bot.observe.rows.keys import Reference
from bot.observe.rows.plan import TablePlan

Row = dict[str, str | None]
Keys = Sequence[tuple[str, ...]]
ITSELF = "\0"  # stands for the row's own key, where the first row of a table refers to itself


class Parents:
    """Chooses parents for the rows of one table.

    ``keys`` gives the keys of a referenced table, None where its rows are yet to come; ``made`` are
    the table's own rows so far; ``unique`` are columns of its unique keys, ``traits`` says which
    odd values a column may have.
    """

    def __init__(
        self,
        plan: TablePlan,
        keys: Callable[[Reference], Keys | None],
        made: Sequence[Row],
        unique: frozenset[str],
        traits: Callable[[str], frozenset[Trait]],
    ) -> None:
        self._own = plan.table.full_name
        self._nullable = {column.name for column in plan.columns if column.nullable}
        self._loose = {column.name for column in plan.columns if column.loose}
        self._keys = keys
        self._made = made
        self._unique = unique
        self._traits = traits
        self._random = Random(self._own)  # noqa: S311 - no secret, the same every time

    def refer(self, row: Row, reference: Reference, number: int, attempt: int) -> bool:
        """Fill the reference's columns in; False where there is no row that it can refer to."""
        if self._left_open(row, reference, number):
            return True
        missing = [name for name in reference.columns if name not in row]
        keys = self._known(reference)
        if keys is None:
            row.update(dict.fromkeys(missing))
            return True
        chosen = self._chosen(row, reference, keys, number, attempt)
        if chosen is not None:
            row.update(zip(reference.columns, chosen, strict=True))
            return True
        loose = [name for name in missing if name in self._nullable]
        if not loose and reference.table == self._own:
            row.update(dict.fromkeys(missing, ITSELF))
            return True
        row.update(dict.fromkeys(loose))
        return bool(loose) or not reference.required

    def _left_open(self, row: Row, reference: Reference, number: int) -> bool:
        """Whether nothing is to be chosen: it is known, NULL, or shall point nowhere."""
        names = reference.columns
        if all(name in row for name in names):
            return True
        traits = frozenset.intersection(*map(self._traits, names))
        if Trait.ORPHANS in traits and not reference.required:
            return True
        if Trait.NULLS in traits and number % EVERY == 0 and self._loose >= set(names):
            row.update(dict.fromkeys(names))
            return True
        return False

    def _known(self, reference: Reference) -> Keys | None:
        if reference.table != self._own:
            return self._keys(reference)
        found = [tuple(row.get(name) for name in reference.referenced) for row in self._made]
        return [key for key in found if None not in key]  # type: ignore[misc]  # no None is left

    def _chosen(
        self, row: Row, reference: Reference, keys: Keys, number: int, attempt: int
    ) -> tuple[str, ...] | None:
        bound = [(at, row[name]) for at, name in enumerate(reference.columns) if name in row]
        if bound:
            keys = [key for key in keys if all(key[at] == value for at, value in bound)]
        if not keys:
            return None
        if attempt:
            return self._random.choice(keys)
        unique = bool(self._unique & set(reference.columns))
        if reference.table == self._own:
            return keys[-1] if unique else keys[number // 2 % len(keys)]
        doubled = all(Trait.DUPLICATES in self._traits(name) for name in reference.columns)
        if doubled and not unique and number % 2:
            return keys[0]
        return keys[number % len(keys)]
