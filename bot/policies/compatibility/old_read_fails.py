"""A SELECT of the running release failed on the new schema, or read another type.

While the deployment rolls, old processes go on asking what their models state. What they get is
an error, or a value that their code does not expect.

Keep what the old release reads until it is gone: expand first, contract in a later release.

Reference: https://www.postgresql.org/docs/current/ddl-alter.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.releases.old_code import findings
from bot.facts import Facts
from bot.facts.fit import Kind
from bot.policy import Finding, Severity

SEVERITY = Severity.BLOCK
PRESETS = (3, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a table, unless a dropped or renamed column or table tells it already."""
    return findings(facts, (Kind.SELECT,), "read")
