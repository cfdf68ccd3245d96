"""A foreign key found another schema by the `search_path`, or CREATE SCHEMA took it for missing.

Run with another search path, the key fails or points to another table of that name. A schema is
often there already, created by an administrator with its rights.

Write the schema: `"billing.accounts.id"`; create schemas with `IF NOT EXISTS`.

Reference: https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PATH
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.alembic_code import create_foreign_key
from bot.explain.history.revisions import present
from bot.explain.names.names import execute
from bot.explain.schema.new_objects import new_constraints
from bot.explain.schema.origin import Origin, constraint_made, written_constraint
from bot.facts import Facts, Project
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.sql import CreateSchema, pieces, quoted
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "contract"
PRESETS = (3, 5)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each key and each schema."""
    for project in facts.projects:
        for new in new_constraints(project, "foreign key"):
            key, target = new.thing, new.thing.references or ""
            made = constraint_made(project, new)
            written = written_constraint(made, new) if made else None
            unstated = written and written.references and written.references.schema is None
            if not made or not unstated or target.startswith(f"{new.table.schema}."):
                continue
            action = written.on_delete.upper() if written and written.on_delete else None
            text = create_foreign_key(
                new.table,
                key.name,
                key.columns,
                target,
                key.referenced,
                action,
                qualified=True,
            )
            yield made.finding(
                new.table,
                title=f"{code(key.name)} finds {code(target)} by the search path",
                message=f"{code(new.table.full_name)} refers to another schema, and the statement"
                f" does not name it: with another `search_path` it is not {code(target)}.",
                subject=f"{new.table.full_name}.{key.name}",
                remedies=(Remedy("Name the schema", block(text, "python")),),
            )
        yield from _schemas(project)


def _schemas(project: Project) -> Iterator[Finding]:
    for item in present(project):
        for statement in item.round_trip.upgrade.statements:
            for piece in pieces(statement.sql):
                made = Origin(project, item, statement)
                if isinstance(piece.detail, CreateSchema) and not piece.detail.if_not_exists:
                    name = piece.detail.name
                    text = execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(name)}")
                    yield Finding(
                        path=made.path,
                        line=made.line,
                        title=f"{code(name)} is created without IF NOT EXISTS",
                        message=f"Where an administrator has created {code(name)} already, with the"
                        " rights that it needs, the upgrade fails.",
                        subject=f"schema {name}",
                        confidence=Confidence.CERTAIN,
                        project=project.config,
                        revision=item.revision,
                        remedies=(Remedy("Create it if it is not there", block(text, "python")),),
                    )
