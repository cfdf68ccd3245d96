"""A new collection would load lazily in an asynchronous project.

Its first use outside of the session's own greenlet raises `MissingGreenlet`: in production, where
a row has what the test's row had not.

Load it with its owner (`selectin`), forbid it (`raise`) or let it be asked for (`WriteOnlyMapped`).

Reference: https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html#asyncio-orm-avoid-lazyloads
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.python.declared import RELATIONSHIP, declared
from bot.explain.python.rewritten import with_keyword
from bot.facts import Facts
from bot.facts.models import MappedClass, Relationship
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "async-models"
PRESETS = (4, 5)
_LAZY = ("select", "True")


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a collection; those of a class with `AsyncAttrs` can be awaited."""
    for model in declared(facts):
        for attribute, _ in model.attributes() if model.models.asynchronous else ():
            found = model.relationship(attribute.name)
            old = model.base_relationship(attribute.name)
            if found is None or not _lazy(model.mapped, found):
                continue
            if model.base_mapped and old and _lazy(model.base_mapped, old):
                continue
            if not attribute.calls(*RELATIONSHIP):
                continue
            yield model.finding(
                attribute,
                title=f"{code(model.source.name + '.' + found.name)} loads lazily under asyncio",
                message=f"Reading it sends a query; outside of the session's greenlet that raises"
                f" {code('MissingGreenlet')}.",
                remedies=(
                    Remedy(
                        "Load it with its owner",
                        block(with_keyword(attribute, "lazy", '"selectin"'), "python"),
                        trade_off=f"One more query whenever {code(model.source.name)} is loaded.",
                    ),
                    Remedy(
                        "Forbid it, and load it where it is needed",
                        block(
                            with_keyword(attribute, "lazy", '"raise"')
                            + f"\n\nselect({model.source.name})"
                            f".options(selectinload({model.source.name}.{found.name}))",
                            "python",
                        ),
                    ),
                ),
            )


def _lazy(owner: MappedClass, found: Relationship) -> bool:
    return found.uselist and found.lazy in _LAZY and not owner.awaitable
