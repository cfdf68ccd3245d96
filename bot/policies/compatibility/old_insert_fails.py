"""A row that the running release wrote was refused by the new schema.

While the deployment rolls, old processes go on writing what their models state: a column left out
or NULL where a value is needed now, a value that a new CHECK, UNIQUE or foreign key refuses.

Let the new rule bear what the old release writes (a server default, nullable for now), and tighten
it in a later release.

Reference: https://www.postgresql.org/docs/current/ddl-constraints.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.releases.old_code import findings
from bot.explain.releases.releases import WRITES
from bot.facts import Facts
from bot.policy import Finding, Severity

SEVERITY = Severity.BLOCK
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a table, unless a dropped or renamed column or table tells it already."""
    return findings(facts, WRITES, "write")
