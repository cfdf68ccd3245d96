"""The upgrade created what the chain had already created.

Without `IF NOT EXISTS` it fails on every database that ran the earlier revision. With it, nothing
happens and nobody learns that the two definitions differ: the old one stays in force.

Leave the statement out, or alter the existing object into what it should be.

Reference: https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.explain.failures.failure import told
from bot.explain.history.revisions import failed_at, present
from bot.facts import ChangedRevision, Facts, Failure, Project, Statement
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.BLOCK
PRESETS = (1,)

# duplicate_table (indexes too), duplicate_object (types), duplicate_column, duplicate_function
_EXISTS = frozenset({"42P07", "42710", "42701", "42723"})
_NAME = re.compile(r'(?P<kind>\w+) "(?P<name>[^"]+)"')
_CREATES = re.compile(r"\s*CREATE\s+(?:UNIQUE\s+)?(TABLE|INDEX|SEQUENCE|VIEW)\b", re.IGNORECASE)
_EXCEPTED = re.compile(r"\s*CREATE\s+(SCHEMA|EXTENSION)\b", re.IGNORECASE)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each object that was there before the revision began."""
    for project in facts.projects:
        for item in present(project):
            up = item.round_trip.upgrade
            failure = up.failure
            if failure and failure.sqlstate in _EXISTS:
                kind, name = _object(failure.message, failure.statement or "")
                if not _own(up.statements, name, failure.statement):
                    yield _failed(project, item, failure, kind, name)
            for statement in up.statements:
                for notice in statement.notices:
                    if notice.sqlstate in _EXISTS and not _EXCEPTED.match(statement.sql):
                        kind, name = _object(notice.message, statement.sql)
                        if not _own(up.statements, name, statement.sql):
                            yield _ignored(project, item, statement, kind, name)


def _object(message: str, sql: str) -> tuple[str, str]:
    """What exists: PostgreSQL calls a table, an index and a view a relation all alike."""
    match = _NAME.search(message)
    if match is None:
        return "object", ""
    created = _CREATES.match(sql)
    kind = created[1].lower() if created and match["kind"] == "relation" else match["kind"]
    return kind, match["name"]


def _own(statements: Sequence[Statement], name: str, refused: str | None) -> bool:
    """Whether an earlier statement of the same upgrade created it: not the chain's doing."""
    creates = re.compile(rf"\b(?:CREATE|ADD)\b.*\b{re.escape(name)}\b", re.IGNORECASE | re.DOTALL)
    for statement in statements:
        if statement.sql == refused:
            return False
        if creates.search(statement.sql.partition("(")[0]):
            return True
    return False


def _remedies(item: ChangedRevision, kind: str, name: str, sql: str) -> tuple[Remedy, ...]:
    leave = (
        "Remove this statement from `upgrade()`, and its counterpart from `downgrade()`:\n\n"
        + block(sql.strip(), "sql", limit=600)
    )
    if kind == "type":
        enum = f'from sqlalchemy.dialects import postgresql\n\npostgresql.ENUM(name="{name}", '
        text = "For a new column of the existing type, name the type without creating it:\n\n"
        other = Remedy("Use the existing type", text + block(f"{enum}create_type=False)", "python"))
    else:
        other = Remedy(
            f"Alter the existing {kind}",
            "If it should differ from what the chain created, change it instead of creating it: "
            "`op.add_column`, `op.alter_column`, or `op.drop_index` and `op.create_index`.",
        )
    return (Remedy(f"Leave it out of {code(item.revision)}", leave), other)


def _failed(
    project: Project, item: ChangedRevision, failure: Failure, kind: str, name: str
) -> Finding:
    path, line = failed_at(failure, item.path, item.anchors.upgrade)
    sql = failure.statement or f"CREATE {kind.upper()} {name}"
    return Finding(
        path=path,
        line=line,
        title=f"The chain already has {kind} {code(name)}",
        message=f"{code(item.revision)} creates {kind} {code(name)}, which exists when it runs.\n\n"
        + told(failure),
        subject=f"{item.revision}:{name}",
        confidence=Confidence.OBSERVED,
        project=project.config,
        revision=item.revision,
        remedies=_remedies(item, kind, name, sql),
    )


def _ignored(
    project: Project, item: ChangedRevision, statement: Statement, kind: str, name: str
) -> Finding:
    return Finding(
        path=statement.path or item.path,
        line=statement.line or item.anchors.upgrade,
        title=f"IF NOT EXISTS did nothing: the chain already has {kind} {code(name)}",
        message=f"{code(item.revision)} creates {kind} {code(name)} only if it does not exist, and "
        f"it does: {code(statement.sql)} changed nothing, and what it adds was ignored.",
        subject=f"{item.revision}:{name}",
        confidence=Confidence.OBSERVED,
        project=project.config,
        revision=item.revision,
        remedies=_remedies(item, kind, name, statement.sql),
    )
