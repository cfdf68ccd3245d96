"""Which policies the corpus judges."""

from __future__ import annotations

from functools import cache

from bot.policy import policies
from fixtures.labelled import corpus


@cache
def labelled() -> frozenset[str]:
    """The policies that some case must be reported by."""
    return frozenset(label.policy for case in corpus() for label in case.labels if label.expected)


ROWS_AND_RELEASES = frozenset({"rows", "releases", "models"})
"""The families that judge what the other families do not, and nothing else."""


def judged_in(family: str) -> frozenset[str]:
    """The policies that count in that family: the others' cases are not labelled for them."""
    apart = {
        policy.id
        for policy in policies()
        if policy.group in ("compatibility", "models")
        or policy.id in ("upgrade-fails-on-rows", "rows-lost-on-round-trip")
    }
    return judged() & apart if family in ROWS_AND_RELEASES else judged() - apart


@cache
def judged() -> frozenset[str]:
    """Those of them that are there: what is not labelled anywhere cannot be right or wrong."""
    return labelled() & {policy.id for policy in policies()}
