"""A column was dropped that the models of the running release still map.

SQLAlchemy names every mapped column in its SELECT and INSERT. From the moment the migration
commits until the last old process is gone, each of those statements fails.

Take the column out of the models in one release, drop it in the next.

Reference: https://docs.sqlalchemy.org/en/20/orm/queryguide/columns.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.losses.lost import lost_columns
from bot.explain.losses.upgraded import upgraded
from bot.explain.releases.releases import renamed
from bot.explain.statements.group import finding
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.wording import code

SEVERITY = Severity.BLOCK
PRESETS = (3, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a column."""
    told = {(item.table, item.column) for item in renamed(facts)}
    for found in upgraded(facts):
        models = found.project.base_models
        for item in lost_columns(found):
            table = models.table(found.renames.table(item.table)) if models else None
            column = table.column(item.column or "") if table else None
            if column is None or (item.table, item.column) in told:
                continue
            classes = models.classes if models else ()
            model = next((each.name for each in classes if table and each.table == table.name), "")
            named = f"{model}.{column.attribute or column.name}" if model else column.name
            yield finding(
                item.ran,
                title=f"{code(f'{item.table}.{item.column}')} goes while the running release "
                "maps it",
                message=f"The models on the base branch map it as {code(named)}. Every SELECT and "
                f"INSERT of the running release that involves {code(item.table)} names the column "
                "and fails as soon as this migration has committed.",
                about=f"{item.table}.{item.column}",
                tables=(item.table,),
                column=item.column,
                confidence=item.confidence,
                remedies=(
                    Remedy(
                        "Take it out of the model first",
                        f"Release 1: remove {code(named)} from the models and keep the column "
                        "(give it a default or make it nullable, so that INSERTs can leave it "
                        f"out). Release 2: this revision, which drops {code(item.column or '')}.",
                        trade_off="One more release.",
                    ),
                ),
            )
