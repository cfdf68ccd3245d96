"""A table was dropped that the models of the running release still map.

Until the last old process is gone, everything of the old release that reads or writes the table
fails.

Take the model out in one release, drop the table in the next.

Reference: https://www.postgresql.org/docs/current/sql-droptable.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.losses.lost import lost_tables
from bot.explain.losses.upgraded import upgraded
from bot.explain.statements.group import finding
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.wording import code

SEVERITY = Severity.BLOCK
PRESETS = (3, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a table."""
    for found in upgraded(facts):
        models = found.project.base_models
        for item in lost_tables(found):
            name = found.renames.table(item.table)
            if models is None or models.table(name) is None:
                continue
            model = next((each.name for each in models.classes if each.table == name), name)
            yield finding(
                item.ran,
                title=f"{code(item.table)} goes while the running release maps it",
                message=f"The models on the base branch map it as {code(model)}. Whatever of the "
                "running release reads or writes it fails as soon as this migration has committed.",
                about=item.table,
                tables=(item.table,),
                confidence=item.confidence,
                remedies=(
                    Remedy(
                        "Take the model out first",
                        f"Release 1: remove {code(model)} and all that uses it; the table stays. "
                        "Release 2: this revision.",
                        trade_off="One more release.",
                    ),
                ),
            )
