"""What the standards behind the presets demand, and what of it is checked how."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from bot.preset import source

REPORT = MappingProxyType(
    {
        "verdict": "the verdict and its exit status",
        "findings": "findings with their lines",
        "remedies": "remedies with complete code and their price",
        "round trip": "the table of round trips",
        "rows": "the run on tables that hold rows (`rows`, `seed-sql`)",
        "locks": "statements with their locks and durations (JSON)",
        "deploy order": "the order of deployment",
        "server": "the server's version, and one for each cell of a matrix",
    }
)
"""Parts that every report has; the others are those of the setting ``report-parts``."""

CONSULT = ("describe", "status", "suggest-index")
"""Commands that answer questions about the schema at head."""


@dataclass(frozen=True)
class Demand:
    """One demand of a standard.

    ``policies`` are on under the preset, ``helps`` are policies that see a part of it. ``report``
    names parts of the report, ``consult`` commands. ``unseen`` says why no review can check it, or
    the rest of it.
    """

    says: str
    policies: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    report: tuple[str, ...] = ()
    consult: tuple[str, ...] = ()
    unseen: str = ""

    @property
    def mapped(self) -> bool:
        """Whether something checks it, or somebody said why nothing does."""
        return bool(self.policies or self.report or self.consult or self.unseen)


@dataclass(frozen=True)
class Contradiction:
    """Two demands of which one ``rules``."""

    between: str
    rules: str


@cache
def demands(name: str) -> tuple[Demand, ...]:
    """All that the standard behind the preset demands, in its order."""
    table = tomllib.loads(source(name, ".demands"))
    return tuple(
        Demand(
            says=each["says"],
            policies=tuple(each.get("policies", ())),
            helps=tuple(each.get("helps", ())),
            report=tuple(each.get("report", ())),
            consult=tuple(each.get("consult", ())),
            unseen=each.get("unseen", ""),
        )
        for each in table["demand"]
    )


@cache
def contradictions(name: str) -> tuple[Contradiction, ...]:
    """Where the standard contradicts itself or another, and what rules."""
    table = tomllib.loads(source(name, ".demands"))
    return tuple(Contradiction(**each) for each in table.get("contradiction", ()))
