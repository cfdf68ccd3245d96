"""A new relationship left its loading to the default.

Then each row asks for its own related rows when they are first read: a list of a hundred costs a
hundred and one queries, and nothing in the code shows it.

State how it loads: `selectin` for collections, `joined` for single rows, `raise` where the query
has to say.

Reference: https://docs.sqlalchemy.org/en/20/orm/queryguide/relationships.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.python.declared import RELATIONSHIP, declared
from bot.explain.python.rewritten import with_keyword
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "contract"
PRESETS = (3, 5)
_STATES = frozenset({"lazy", "**", "sa_relationship", "sa_relationship_kwargs"})


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a relationship."""
    for model in declared(facts):
        for attribute, before in model.attributes():
            found = model.relationship(attribute.name)
            call = attribute.calls(*RELATIONSHIP)
            if found is None or call is None or found.lazy not in ("select", "True"):
                continue
            if before is not None or not _STATES.isdisjoint(call.keywords):
                continue  # it was there, and loaded so; or it says it
            best = '"selectin"' if found.uselist else '"joined"'
            if call.name.startswith("sqlmodel."):
                told = with_keyword(attribute, "sa_relationship_kwargs", f'{{"lazy": {best}}}')
                strict = with_keyword(attribute, "sa_relationship_kwargs", '{"lazy": "raise"}')
            else:
                told = with_keyword(attribute, "lazy", best)
                strict = with_keyword(attribute, "lazy", '"raise"')
            yield model.finding(
                attribute,
                title=f"{code(model.source.name + '.' + found.name)} does not say how it loads",
                message=f"By default each {code(model.source.name)} sends a query of its own for"
                f" {code(found.target_table)}.",
                remedies=(
                    Remedy("Load it with its owner", block(told, "python")),
                    Remedy(
                        "Let every query say it",
                        block(strict, "python"),
                        trade_off="Code that reads it without loading it fails, which is the aim.",
                    ),
                ),
            )
