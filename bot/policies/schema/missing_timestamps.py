"""A new table had no `created_at` or no `updated_at`.

When a row appeared and when it last changed is asked in every incident, every import into another
system and every clean-up; it cannot be found out afterwards.

Add both columns while the table is empty.

Reference: https://docs.sqlalchemy.org/en/20/core/defaults.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.schema.new_objects import new_tables
from bot.explain.schema.origin import table_made
from bot.facts import Facts
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code, several

SEVERITY = Severity.WARN
PACK = "contract"
PRESETS = (1, 2, 3, 5)
OPTIONS = {
    "columns": "the columns that every table has to have",
    "exempt": "tables (`schema.name`) that need none",
}

_COLUMN = (
    'sa.Column("{}", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),'
)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each table, whatever it lacks of them."""
    wanted = options.of("missing-timestamps", "columns", ["created_at", "updated_at"])
    exempt = options.of("missing-timestamps", "exempt", [""])
    for project in facts.projects:
        for table in new_tables(project):
            missing = tuple(str(name) for name in wanted if table.column(str(name)) is None)
            made = table_made(project, table) if missing else None
            if made is None or table.full_name in exempt:
                continue
            text = "\n".join(_COLUMN.format(name) for name in missing)
            yield made.finding(
                table,
                title=f"{code(table.full_name)} has no {several(missing)}",
                message=f"{code(made.revision.revision)} creates {code(table.full_name)} without"
                f" {several(missing)}: what happened to its rows, and when, will not be known.",
                subject=table.full_name,
                remedies=(
                    Remedy(
                        f"Add {several(missing)}",
                        f"Among its columns, and in the model:\n\n{block(text, 'python')}",
                        trade_off="`updated_at` changes by itself only with `onupdate` in the model"
                        " or a trigger."
                        if "updated_at" in missing
                        else "",
                    ),
                ),
            )
