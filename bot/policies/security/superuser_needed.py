"""The upgrade needed a right that only a superuser has.

The role that migrates in production is rarely a superuser, and on most managed servers nobody is:
what passes on a developer's machine is refused there. Where the upgrade stops at it the check
fails; an extension that the check could create before it went on is a warning.

Have an administrator do that step once, outside the chain, or let the check run as superuser when
production does so too.

Reference: https://www.postgresql.org/docs/current/sql-createextension.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.failures.failure import told
from bot.explain.history.revisions import failed_at, present
from bot.facts import ChangedRevision, Facts, Failure, Project, Statement
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.WARN
PRESETS = (5,)

_REFUSED = "42501"  # insufficient_privilege
_SETTING = "[tool.db-recheck]\nsuperuser = true"


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each refusal, and for each extension that the bot had to create."""
    for project in facts.projects:
        for item in present(project):
            up = item.round_trip.upgrade
            if up.failure and up.failure.sqlstate == _REFUSED:
                yield _refused(project, item, up.failure)
            for extension in up.extensions:
                yield _created(project, item, extension)


def _refused(project: Project, item: ChangedRevision, failure: Failure) -> Finding:
    path, line = failed_at(failure, item.path, item.anchors.upgrade)
    return Finding(
        path=path,
        line=line,
        title=f"{code(item.revision)} needs a superuser",
        message=f"{code(item.revision)} ran as an ordinary owner of its database. {told(failure)}",
        subject=item.revision,
        confidence=Confidence.OBSERVED,
        severity=Severity.BLOCK,  # the upgrade stops there
        project=project.config,
        revision=item.revision,
        remedies=(
            Remedy(
                "Check as superuser",
                block(_SETTING, "toml"),
                trade_off="Only right if production migrates as superuser too; the check then "
                "no longer sees missing rights.",
            ),
            Remedy("Take the step out of the chain and have an administrator do it once"),
        ),
    )


def _created(project: Project, item: ChangedRevision, extension: str) -> Finding:
    statement = next(
        (each for each in item.round_trip.upgrade.statements if _creates(each, extension)), None
    )
    own = statement is not None and statement.line > 0
    sql = f'CREATE EXTENSION IF NOT EXISTS "{extension}";'
    return Finding(
        path=statement.path if statement and own else item.path,
        line=statement.line if statement and own else item.anchors.upgrade,
        title=f"{code(item.revision)} creates {code(extension)}, which takes a superuser",
        message=f"PostgreSQL refused the extension {code(extension)} to an ordinary owner of the "
        "database. The check created it as superuser and went on.",
        subject=f"{item.revision}:{extension}",
        confidence=Confidence.OBSERVED,
        project=project.config,
        revision=item.revision,
        remedies=(
            Remedy(
                "Create it once per database as superuser, before the release",
                block(f"-- as superuser\n{sql}", "sql"),
                trade_off="With `IF NOT EXISTS` the revision then passes for an ordinary role.",
            ),
        ),
    )


def _creates(statement: Statement, extension: str) -> bool:
    words = statement.sql.upper()
    return "CREATE EXTENSION" in " ".join(words.split()) and extension.upper() in words
