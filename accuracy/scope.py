"""Which policies the corpus judges."""

from __future__ import annotations

from functools import cache

from bot.policy import policies
from fixtures.labelled import Labelled, corpus


@cache
def labelled() -> frozenset[str]:
    """The policies that some case must be reported by."""
    return expected(frozenset(case.family for case in corpus()))


APART = frozenset({"rows", "releases", "drift"})
"""Families that judge the policies ``OF_ROWS_AND_RELEASES``, and nothing else."""
PROCESS = "process"
"""A pack, and the family that judges it."""
TYPES = "types"
"""The family that judges ``type-errors-in-models``, and nothing else: it takes long."""
OF_TYPES = frozenset({"type-errors-in-models"})
SCHEMA = frozenset({"schema_keys", "schema_columns", "schema_tables"})
"""Families of how new tables look: each judges what its own cases expect, and nothing else."""
CHAIN, WAIVERS = "chain", "waivers"
"""Families of the revisions' graph and history, and of waivers: each judges what its own cases
expect, and nothing else."""
OWN = frozenset({CHAIN, WAIVERS, *SCHEMA})
OF_ROWS_AND_RELEASES = frozenset(
    {
        "upgrade-fails-on-rows",
        "rows-lost-on-round-trip",
        "column-dropped-while-mapped",
        "table-dropped-while-mapped",
        "renamed-in-place",
        "old-insert-fails",
        "old-read-fails",
        "model-drift",
        "model-changed-without-migration",
        "migration-without-model-change",
    }
)
"""What almost every case of another family would be told besides, and is not labelled with."""


ALONE = frozenset(
    {
        *("models", "process", "tenancy", "row_security", "security", "dependents"),
        *("sizes", "queries", TYPES),
        *OWN,
    }
)
"""Families that db-recheck is asked alone: they need models, GitHub's word, roles or production's
sizes, of which no neighbour knows anything, or are about how a team wants its tables, about what
the main branch got meanwhile, or about words that are addressed to db-recheck."""


def shared() -> tuple[Labelled, ...]:
    """The cases that every system is asked."""
    return tuple(case for case in corpus() if case.family not in ALONE)


@cache
def judged_in(family: str) -> frozenset[str]:
    """The policies that count in that family: cases of others are not labelled for them."""
    if family in APART:
        return judged() & OF_ROWS_AND_RELEASES
    if family == TYPES:
        return judged() & OF_TYPES
    own = expected(frozenset({family}))
    if family in {PROCESS, *OWN}:
        return judged() & own
    return judged() - OF_ROWS_AND_RELEASES - OF_TYPES - (process() - own) - of_own()


@cache
def expected(families: frozenset[str]) -> frozenset[str]:
    """The policies that some case of these families must be reported by."""
    labels = (label for case in corpus() if case.family in families for label in case.labels)
    return frozenset(label.policy for label in labels if label.expected)


@cache
def of_own() -> frozenset[str]:
    """Those that the families of ``OWN`` alone expect."""
    others = frozenset(case.family for case in corpus()) - OWN
    return expected(OWN) - expected(others)


@cache
def judged() -> frozenset[str]:
    """Those of them that are there: what is not labelled anywhere cannot be right or wrong."""
    return labelled() & {policy.id for policy in policies()}


@cache
def process() -> frozenset[str]:
    """Those of how a change is told, judged in the family of that name alone (its README, 16)."""
    return frozenset(policy.id for policy in policies() if policy.pack == PROCESS)
