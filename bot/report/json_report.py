"""The report for programs: the contract's JSON, ``schema_version`` 1. Pure."""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from bot.explain.releases.releases import release_order
from bot.explain.statements.estimates import Estimate, estimates_of
from bot.facts import ChangedRevision, Check, Direction, Project, State, Statement
from bot.facts.locks import blocks
from bot.report.document import Report
from bot.report.parts import parts
from bot.verdict import Judged, Verdict
from bot.wording import inert_json

SCHEMA_ID = "urn:db-recheck:report:1"


def render_json(verdict: Verdict) -> str:
    """The report as indented JSON, ending in a newline."""
    encoded = msgspec.json.format(msgspec.json.encode(document(verdict)), indent=2).decode()
    return inert_json(encoded) + "\n"


def json_schema() -> str:
    """The JSON Schema (2020-12) of the report, as committed in ``docs/report.schema.json``."""
    (schema,), definitions = msgspec.json.schema_components([Report], ref_template="#/$defs/{name}")
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "db-recheck report",
        **schema,
        "$defs": dict(sorted(definitions.items())),
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode() + "\n"


def document(verdict: Verdict) -> Report:
    """The report as typed data.

    Raises:
        msgspec.ValidationError: facts hold a word that the schema does not know.
    """
    facts = verdict.facts
    plain = {
        "schema_version": 1,
        "tool": {"name": "db-recheck", "version": facts.tool_version},
        "base": facts.base,
        "head": facts.head,
        "merge": facts.merge,
        "verdict": verdict.verdict.value,
        "summary": verdict.summary,
        "postgres": facts.postgres,
        "sandbox": facts.sandbox,
        "projects": [_project(verdict, project) for project in facts.projects],
        "findings": [_finding(item) for item in verdict.findings],
        "not_checked": verdict.not_checked,
        "conflicts": facts.conflicts,
        "policies": verdict.ran,
        "parts": tuple(parts(verdict)),
        "timings_ms": {"total": 0.0, "base": 0.0, "round_trip": 0.0, **facts.timings_ms},
    }
    return msgspec.convert(plain, Report, from_attributes=True)


_ASKING = frozenset({"no-linked-issue", "direct-change-to-default-branch"})
_NO_PULL = Check("pull request", "skipped", "there is no pull request to ask about")


def _checks(verdict: Verdict, project: Project) -> tuple[Check, ...]:
    """The project's checks; what only a pull request can tell is skipped where there is none."""
    asked = verdict.facts.pull_request is None and not _ASKING.isdisjoint(verdict.ran)
    return (*project.checks, _NO_PULL) if asked else project.checks


def _project(verdict: Verdict, project: Project) -> dict[str, Any]:
    order = release_order(project)
    return {
        "config": project.config,
        "script_location": project.script_location,
        "environment": project.environment,
        "assumed": project.assumed,
        "environment_note": project.environment_note,
        "base_heads": project.base.heads,
        "heads": project.head.heads,
        "revisions": [_revision(revision, project) for revision in project.revisions],
        "drift": project.drift,
        "deploy_order": None if order is None else {"order": order[0], "reason": order[1]},
        "queries": [
            {
                "name": each.query.name,
                "path": each.query.path,
                "line": each.query.line,
                "base_cost": each.base and each.base.cost,
                "head_cost": each.head and each.head.cost,
            }
            for each in project.plans
        ],
        "checks": _checks(verdict, project),
    }


def _revision(revision: ChangedRevision, project: Project) -> dict[str, Any]:
    trip = revision.round_trip
    filled = project.rows.trip(revision.revision) if project.rows else None
    up = [
        _statement(statement, estimates_of(project, revision.revision, place))
        for place, statement in enumerate(trip.upgrade.statements)
    ]
    down = [
        _statement(statement, estimates_of(project, revision.revision, place, Direction.DOWNGRADE))
        for place, statement in enumerate(trip.downgrade.statements)
    ]
    return {
        "revision": revision.revision,
        "down_revision": revision.down_revision,
        "path": revision.path,
        "message": revision.message,
        "change": revision.change.value,
        "round_trip": {
            "upgrade": _end(trip.upgrade.state),
            "downgrade": trip.downgrade.state.value,
            "reupgrade": _end(trip.reupgrade.state),
            "residue": [difference.label for difference in trip.residue],
            "rows_lost": filled.losses if filled else [],
        },
        "statements": [*up, *down],
    }


def _end(state: State) -> str:
    """An upgrade that is not there cannot succeed: only a downgrade may be ``missing``."""
    return State.FAILED.value if state is State.MISSING else state.value


def _statement(statement: Statement, estimates: tuple[Estimate, ...]) -> dict[str, Any]:
    return {
        "direction": statement.direction.value,
        "sql": statement.sql,
        "path": statement.path,
        "line": statement.line,
        "duration_ms": statement.duration_ms,
        "transaction": statement.transaction,
        "locks": [
            {"relation": effect.relation, "mode": mode, "blocks": blocks(mode)}
            for effect in statement.effects
            for mode in effect.locks
        ],
        "scanned": [effect.relation for effect in statement.effects if effect.scanned],
        "rewritten": [effect.relation for effect in statement.effects if effect.rewritten],
        "observed": statement.observed,
        "rows": statement.rows,
        "sqlstate": statement.sqlstate,
        "cut": statement.cut,
        "estimates": estimates,
    }


def _finding(item: Judged) -> dict[str, Any]:
    return {
        "policy": item.policy,
        "group": item.group,
        "severity": item.severity.value,
        "confidence": item.confidence.value,
        "title": item.title,
        "message": item.message,
        "path": item.path,
        "line": item.line,
        "end_line": item.end_line,
        "project": item.project,
        "revision": item.revision,
        "table": item.tables[0] if item.tables else None,
        "tables": item.tables,
        "count": item.count,
        "column": item.column,
        "introduced": item.introduced,
        "waived": item.waived,
        "remedies": item.remedies,
        "fingerprint": item.fingerprint,
    }


if __name__ == "__main__":
    sys.stdout.write(json_schema())
