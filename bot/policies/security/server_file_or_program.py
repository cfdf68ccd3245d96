"""A statement read or wrote a file of the database server, ran a program there, or left it.

The file is there on one server and not on the next. Whoever can send such a statement can read the
server's secrets or run what they like as its user; managed servers refuse it.

Bring the data with the migration, or load it from outside with COPY FROM STDIN.

Reference: https://www.postgresql.org/docs/current/sql-copy.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.schema.origin_objects import found_at, ran_upward
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.sql.rights import reached
from bot.wording import block, code

SEVERITY = Severity.BLOCK
PRESETS = (5,)

_INSERT = """op.bulk_insert(
    sa.table("countries", sa.column("code", sa.Text), sa.column("name", sa.Text)),
    [{"code": "NO", "name": "Norway"}],
)"""


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each thing that a statement reaches."""
    seen: set[tuple[str, int, str]] = set()
    for project in facts.projects:
        for place, _, piece in ran_upward(project):
            for how, what in reached(piece.text):
                if (place.path, place.line, what) in seen:
                    continue
                seen.add((place.path, place.line, what))
                yield found_at(
                    place,
                    title=f"{code(place.revision.revision)} reaches beyond the database",
                    message=f"The statement {how} {code(what)}: that is outside of the database, on"
                    " the machine where PostgreSQL runs.",
                    subject=f"{place.revision.revision}:{how} {what}",
                    remedies=(
                        Remedy("Bring the rows with the revision", block(_INSERT, "python")),
                        Remedy(
                            "Load them from where the migration runs",
                            "`COPY … FROM STDIN` with the driver, or `\\copy` in psql: the file is"
                            " then the client's.",
                        ),
                    ),
                )
