"""A new relationship named no `back_populates`.

The two classes do not know of each other's attribute: after `order.customer = ada` the loaded
`ada.orders` still lacks the order until it is read again, and a reader of the other class never
learns that rows of this one hang on it.

Name the attribute of the other class in `back_populates`, on both sides.

Reference: https://docs.sqlalchemy.org/en/20/orm/basic_relationships.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.guesses.plurals import plural
from bot.explain.python.declared import RELATIONSHIP, Declared, declared
from bot.explain.python.rewritten import with_keyword
from bot.facts import Facts
from bot.facts.models import Relationship
from bot.policy import Finding, Remedy, Severity
from bot.source import Attribute
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "async-models"
PRESETS = (4,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a relationship; those of `backref` have two sides, views have none."""
    for model in declared(facts):
        for attribute, before in model.attributes():
            found = model.relationship(attribute.name)
            if found is None or not _one_sided(found) or not attribute.calls(*RELATIONSHIP):
                continue
            old = model.base_relationship(attribute.name)
            if before is not None and old is not None and _one_sided(old):
                continue
            yield model.finding(
                attribute,
                title=f"{code(model.source.name + '.' + found.name)} has no `back_populates`",
                message=f"{code(found.target)} does not know of this relationship: what is set"
                f" here is not seen there before the next load.",
                remedies=(_both_sides(model, attribute, found),),
            )


def _one_sided(found: Relationship) -> bool:
    return not (found.back_populates or found.backref or found.viewonly)


def _both_sides(model: Declared, attribute: Attribute, found: Relationship) -> Remedy:
    name = model.source.name
    single = name[0].lower() + name[1:]
    many = found.direction != "ONETOMANY"
    other = plural(single) if many else single
    kind = f'Mapped[list["{name}"]]' if many else f'Mapped["{name}"]'
    here = with_keyword(attribute, "back_populates", f'"{other}"')
    there = f'{other}: {kind} = relationship(back_populates="{found.name}")'
    text = f"# in {name}\n{here}\n\n# in {found.target}\n{there}"
    return Remedy("Give it two sides", block(text, "python"))
