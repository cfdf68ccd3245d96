"""Which policies the corpus judges."""

from __future__ import annotations

from functools import cache

from bot.policy import policies
from fixtures.labelled import corpus


@cache
def labelled() -> frozenset[str]:
    """The policies that some case must be reported by."""
    return frozenset(label.policy for case in corpus() for label in case.labels if label.expected)


@cache
def judged() -> frozenset[str]:
    """Those of them that are there: what is not labelled anywhere cannot be right or wrong."""
    return labelled() & {policy.id for policy in policies()}


@cache
def process() -> frozenset[str]:
    """Those of how a change is told, judged in the family of that name alone (its README, 14)."""
    return frozenset(policy.id for policy in policies() if policy.pack == "process")
