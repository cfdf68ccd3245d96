"""Ordinary values of every type: valid, and different from row to row. Pure.

Values are texts as PostgreSQL reads them (COPY's text format, before its escapes).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

from bot.facts.data_types import DataType, Domain
from bot.facts.schema import Schema
from bot.observe.rows.checks import choices
from bot.observe.rows.json_looks import Looks
from bot.observe.rows.literals import array, composite, span
from bot.observe.rows.rule import ANYTHING, Rule, together
from bot.observe.rows.scalars import Place, scalar

_RANGES = {
    "int4range": "integer", "int8range": "bigint", "numrange": "numeric", "daterange": "date",
    "tsrange": "timestamp without time zone", "tstzrange": "timestamp with time zone",
    "int4multirange": "integer", "int8multirange": "bigint", "nummultirange": "numeric",
    "datemultirange": "date", "tsmultirange": "timestamp without time zone",
    "tstzmultirange": "timestamp with time zone",
}  # fmt: skip
_DEEPEST = 5  # composites in composites


class Values:
    """Makes values for the types of base that head takes too. ``salt`` gives other random ones.

    ``looks`` are what is known of JSON in base's columns.
    """

    def __init__(
        self, base: Schema, head: Schema, salt: str = "", looks: Looks = MappingProxyType({})
    ) -> None:
        self.looks = looks
        self._enums = _labels(base, head)
        self._before = {item.name: item.values for item in base.enums}
        self._domains: dict[str, list[Domain]] = {}
        for domain in (*base.domains, *head.domains):
            self._domains.setdefault(domain.name, []).append(domain)
        self._composites = {
            item.name: item.attributes for item in (*head.composites, *base.composites)
        }
        self._ranges = {item.name: item.subtype for item in (*head.ranges, *base.ranges)}
        self._known: dict[str, tuple[str, ...]] = {}
        self._salt = salt
        self._rules: dict[str, Rule] = {}
        self._composed: dict[str, Callable[[DataType, int, int], str | None]] = {
            "enum": self._label,
            "composite": self._composite,
            "range": self._range,
            "multirange": self._multirange,
        }

    def learn(self, base: str, found: tuple[str, ...]) -> None:
        """Take these values for a type, whatever is known here; none where there are none."""
        self._known[base] = found

    def learn_domain(self, name: str, found: tuple[str, ...]) -> None:
        """Take these values for a domain."""
        self._rules[name] = self.domain(name).merged(Rule(allowed=found)) or Rule(allowed=found)

    def domain_named(self, name: str) -> Domain | None:
        """The domain as it is at base, or None."""
        return next(iter(self._domains.get(name, ())), None)

    def __call__(
        self, column: str, kind: DataType, rule: Rule, row: int, rank: int = 0
    ) -> str | None:
        """The value of that row, None where the type is not known or nothing obeys the rule.

        Within a row, columns of a higher ``rank`` get greater values.
        """
        if rule.allowed is not None:
            return rule.allowed[row % len(rule.allowed)]
        if kind.array:
            return self._array(column, kind, rule, row, rank)
        found = self._one(column, kind, rule, row, rank)
        shift = 1
        while found is not None and found in rule.excluded and shift <= len(rule.excluded):
            found = self._one(column, kind, rule, row + shift, rank)
            shift += 1
        return found

    def labels(self, kind: DataType) -> tuple[str, ...]:
        """The values of an enum."""
        return self._enums.get(kind.base, ())

    def labels_before(self, kind: DataType) -> tuple[str, ...]:
        """The values of an enum at base, whether or not head has them."""
        return self._before.get(kind.base, ())

    def domain(self, name: str) -> Rule:
        """What the constraints of a domain, and of those below it, demand."""
        known = self._rules.get(name)
        if known is None:
            known = ANYTHING
            for item in self._domains.get(name, ()):
                known = known.merged(self._of_domain(item)) or known
            self._rules[name] = known
        return known

    def _of_domain(self, item: Domain) -> Rule:
        found = ANYTHING if item.nullable else Rule(null=False)
        if item.type.domain:
            found = found.merged(self.domain(item.type.domain)) or found
        for choice in together(choices(check) for check in item.checks)[:1]:
            found = found.merged(choice.rules.get("VALUE", ANYTHING)) or found
        return found

    def _array(self, column: str, kind: DataType, rule: Rule, row: int, rank: int) -> str | None:
        element = replace(kind, array=False, domain=None, name=kind.name.removesuffix("[]"))
        inner = self.domain(element.name) if element.name in self._domains else ANYTHING
        count = max(rule.shortest, 2 if rule.longest is None else min(2, rule.longest))
        items = [self(column, element, inner, row + place, rank) for place in range(count)]
        return None if None in items else array(items)

    def _one(self, column: str, kind: DataType, rule: Rule, row: int, rank: int) -> str | None:
        if kind.base in self._known:
            known = self._known[kind.base]
            return known[row % len(known)] if known else None
        if kind.kind == "base":
            return scalar(column, kind, rule, Place(row, rank, self._salt))
        make = self._composed.get(kind.kind)
        return make(kind, row, rank) if make else None

    def _label(self, kind: DataType, row: int, _: int) -> str | None:
        labels = self.labels(kind)
        return labels[row % len(labels)] if labels else None

    def _composite(self, kind: DataType, row: int, rank: int, depth: int = 0) -> str | None:
        attributes = self._composites.get(kind.base)
        if attributes is None or depth > _DEEPEST:
            return None
        return composite(
            self._composite(each, row, rank, depth + 1)
            if each.kind == "composite" and not each.array
            else self(name, each, self.domain(each.domain or ""), row, rank)
            for name, each in attributes
        )

    def _range(self, kind: DataType, row: int, rank: int) -> str | None:
        """Ranges of different rows do not overlap: an exclusion constraint may forbid that."""
        subtype = self._ranges.get(kind.base) or _RANGES.get(kind.base.rpartition(".")[2])
        if subtype is None:
            return None
        bound = DataType(subtype, subtype)
        ends = [self("", bound, ANYTHING, 2 * row + place, rank) for place in (0, 1)]
        return None if None in ends else span(*ends)

    def _multirange(self, kind: DataType, row: int, rank: int) -> str | None:
        found = self._range(kind, row, rank)
        return None if found is None else f"{{{found}}}"


def _labels(base: Schema, head: Schema) -> dict[str, tuple[str, ...]]:
    """Enums by name; of those that both have, the values that both know."""
    found = {item.name: item.values for item in head.enums}
    for item in base.enums:
        both = tuple(label for label in item.values if label in found.get(item.name, item.values))
        found[item.name] = both or item.values
    return found
