"""What findings about locks weigh where production's tables are small. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.facts import Size
from bot.policy import Finding, Severity
from bot.wording import code


def weighed(finding: Finding, sizes: Mapping[str, Size], limit: int) -> Finding:
    """The finding as a note where each of its tables is known to hold fewer rows than ``limit``.

    A table whose size nobody stated counts as large, and so does a finding about no table.
    """
    known = [sizes.get(name) for name in finding.tables]
    small = [size for size in known if size is not None and size.rows < limit]
    if not small or len(small) < len(known):
        return finding
    largest = max(small, key=lambda size: size.rows)
    why = (
        f"This is a note because {code(largest.table)} holds {largest.rows:,} rows in production "
        f"(`table-stats`), fewer than the {limit:,} of `small-table-rows`."
    )
    return replace(finding, severity=Severity.NOTE, message=f"{finding.message}\n\n{why}")
