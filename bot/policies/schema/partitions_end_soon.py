"""The last range partition ended soon, and nothing was seen that creates the next.

From that day on every INSERT fails, or all rows land in DEFAULT and are hard to move out of it.

Create partitions ahead of time, by a job or an extension, and let an alarm ring when it stops.

Reference: https://www.postgresql.org/docs/current/ddl-partitioning.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bot.explain.schema.partitions import Parted, made, parted, upper_ends
from bot.facts import Facts, Project
from bot.policy import DEFAULTS, Confidence, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "contract"
PRESETS = (5,)
OPTIONS = {"partition-months": "how many months ahead there should be partitions for"}

_DAYS = 30.4  # of a month
_MAKERS = ("pg_partman", "pg_cron", "timescaledb")


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each new partitioned table, and each that gained a partition."""
    months = options.of("partitions-end-soon", "partition-months", 3)
    for project in facts.projects:
        if _made_by_itself(project):
            continue
        for found in parted(project):
            left = _days_left(facts.day, found)
            if left is None or left > months * _DAYS or _as_before(found):
                continue
            origin = made(project, found)
            if origin is None:
                continue
            name, end = code(found.table.full_name), max(upper_ends(found.partitions))
            parent = found.table.full_name
            sql = (
                "SELECT partman.create_parent(\n"
                f"    p_parent_table => '{parent}',\n"
                "    p_control => '<column>',\n    p_interval => '1 month'\n)"
            )
            yield origin.finding(
                found.table,
                title=f"The partitions of {name} end on {code(end)}",
                message=f"No partition of {name} takes rows from {code(end)} on, and no extension"
                " that creates partitions is installed. A job outside of the database that does so"
                " would be as good, and cannot be seen from here.",
                subject=found.table.full_name,
                confidence=Confidence.LIKELY,
                remedies=(
                    Remedy(
                        "Let an extension create them",
                        block(sql, "sql"),
                        trade_off="pg_partman has to be installed and its maintenance to run.",
                    ),
                    Remedy("Create the partitions of the next year in this revision"),
                ),
            )


def _as_before(found: Parted) -> bool:
    """Whether it gained no partition and ends where it did."""
    gained = {part.full_name for part in found.partitions} - {
        part.full_name for part in found.before
    }
    return not gained and max(upper_ends(found.before), default="") == max(
        upper_ends(found.partitions)
    )


def _made_by_itself(project: Project) -> bool:
    extensions = project.schema.extensions if project.schema else ()
    return any(extension.name in _MAKERS for extension in extensions)


def _days_left(day: str | None, found: Parted) -> int | None:
    """Days until the last range ends; None where it has no end or is no date."""
    ends = upper_ends(found.partitions)
    strategy = found.table.partitioning.strategy if found.table.partitioning else ""
    if day is None or strategy != "range" or not ends or "MAXVALUE" in ends:
        return None
    try:
        last = max(date.fromisoformat(end[:10]) for end in ends)
    except ValueError:
        return None
    return (last - date.fromisoformat(day)).days
