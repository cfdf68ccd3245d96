"""The upgrade created an extension.

Each server has to have its files first, and often a superuser to create it or a library that is
loaded at start: production, every developer, every restore of a backup.

Say in the release notes what has to be there, and create it with IF NOT EXISTS.

Reference: https://www.postgresql.org/docs/current/sql-createextension.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.schema.origin_objects import found_at, made, ran_upward
from bot.facts import Facts, Project
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.sql.rights import extensions
from bot.wording import block, code

SEVERITY = Severity.NOTE
PRESETS = (5,)

# Source: PostgreSQL docs, Appendix F; those marked trusted take no superuser since version 13.
_TRUSTED = {
    *("btree_gin", "btree_gist", "citext", "cube", "dict_int", "fuzzystrmatch", "hstore"),
    *("intarray", "isn", "lo", "ltree", "pg_trgm", "pgcrypto", "seg", "tablefunc", "tcn"),
    *("tsm_system_rows", "tsm_system_time", "unaccent", "uuid-ossp"),
}
_CONTRIB = _TRUSTED | {
    *("dblink", "file_fdw", "postgres_fdw", "pg_stat_statements", "pgrowlocks", "bloom"),
    *("amcheck", "pageinspect", "pg_buffercache", "pg_prewarm", "pgstattuple", "sslinfo", "xml2"),
}
_PACKAGES = {
    "postgis": "postgis",
    "vector": "pgvector",
    "timescaledb": "timescaledb",
    "pg_cron": "pg_cron",
    "pg_partman": "pg_partman",
    "rum": "rum",
    "hypopg": "hypopg",
}
_PRELOADED = {"pg_stat_statements", "timescaledb", "pg_cron", "pgaudit", "pg_partman_bgw"}


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each extension that base has not."""
    for project in facts.projects:
        for name in sorted(_new(project)):
            place = made(
                project,
                lambda piece, name=name: name in extensions(piece.text),  # type: ignore[misc]  # a default
                [("extension", name)],
            )
            if place is None:
                continue
            first = "\n".join(f"- {step}" for step in _needs(name))
            sql = f'CREATE EXTENSION IF NOT EXISTS "{name}";'
            yield found_at(
                place,
                title=f"Every server needs the extension {code(name)}",
                message=f"{code(place.revision.revision)} creates {code(name)}. Before it runs,"
                f" each server needs:\n\n{first}",
                subject=f"extension {name}",
                confidence=Confidence.OBSERVED,
                remedies=(
                    Remedy(
                        "Prepare each server before the release",
                        block(sql, "sql"),
                        trade_off="With `IF NOT EXISTS` in the revision, too, it passes on servers"
                        " that are prepared and on those where the role may create it.",
                    ),
                ),
            )


def _new(project: Project) -> set[str]:
    """Extensions that head has more, or that the upgrade tried to create."""
    head, base = project.schema, project.base_schema
    known = {item.name for item in base.extensions} if base else set()
    found = {item.name for item in head.extensions} if head and base else set()
    tried = (each for _, _, piece in ran_upward(project) for each in extensions(piece.text))
    return (found | set(tried)) - known - {"plpgsql"}


def _needs(name: str) -> Iterator[str]:
    if name in _CONTRIB:
        yield "PostgreSQL's own contrib package (`postgresql-contrib` where that is apart)"
    else:
        yield f"the package of {code(_PACKAGES.get(name, name))} for its major version"
    if name in _TRUSTED:
        yield "a role with CREATE on the database: the extension is trusted"
    else:
        yield "a superuser, or the managed server's own role for extensions"
    if name in _PRELOADED:
        yield f"{code(name)} in `shared_preload_libraries`, and a restart"
