"""The JSON report is the contract's, and its published schema is true."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot.report.json_report import json_schema, render_json
from tests.conftest import Golden
from tests.unit.report.cases import FACTS, verdict

ROOT = Path(__file__).parents[3]
SCHEMA = ROOT / "docs" / "report.schema.json"

# As the contract lists them; the report may hold more.
CONTRACT = {
    "": {
        "schema_version", "tool", "base", "head", "merge", "verdict", "summary", "postgres",
        "projects", "findings", "not_checked", "timings_ms",
    },
    "project": {
        "config", "script_location", "environment", "assumed", "environment_note", "base_heads",
        "heads", "revisions", "drift", "checks",
    },
    "revision": {
        "revision", "down_revision", "path", "message", "change", "round_trip", "statements",
    },
    "round_trip": {"upgrade", "downgrade", "reupgrade", "residue", "rows_lost"},
    "statement": {
        "direction", "sql", "path", "line", "duration_ms", "transaction", "locks", "scanned",
        "rewritten", "observed",
    },
    "finding": {
        "policy", "group", "severity", "confidence", "title", "message", "path", "line",
        "end_line", "project", "revision", "table", "tables", "count", "column", "introduced",
        "waived", "remedies", "fingerprint",
    },
}  # fmt: skip


def _parsed(case: str) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(render_json(verdict(case)))
    return parsed


def test_the_published_schema_is_the_one_of_the_types(golden: Golden) -> None:
    """docs/report.schema.json is generated; --accept writes it."""
    golden(SCHEMA, json_schema())


@pytest.mark.parametrize("case", FACTS)
def test_every_report_is_valid(case: str) -> None:
    """A reader may rely on the schema, whatever the verdict."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(_parsed(case))


def test_the_schema_refuses_what_the_contract_does_not_know() -> None:
    """An unknown verdict or a finding without a line is no report."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    unknown, lineless, endless = _parsed("fail"), _parsed("fail"), _parsed("fail")
    unknown["verdict"] = "maybe"
    del lineless["findings"][0]["line"]
    endless["projects"][0]["revisions"][0]["round_trip"]["upgrade"] = "none"
    for report in (unknown, lineless, endless):
        with pytest.raises(jsonschema.ValidationError):
            validator.validate(report)


def test_the_fields_are_the_contracts() -> None:
    """No field of the contract is missing."""
    report = _parsed("fail")
    project = report["projects"][0]
    revision = project["revisions"][0]
    there = {
        "": report,
        "project": project,
        "revision": revision,
        "round_trip": revision["round_trip"],
        "statement": revision["statements"][0],
        "finding": report["findings"][0],
    }
    missing = {name: fields - there[name].keys() for name, fields in CONTRACT.items()}
    assert missing == {name: set() for name in CONTRACT}


def test_nothing_heavy_is_imported_for_it() -> None:
    """The JSON report costs neither Rich nor Jinja2."""
    program = (
        "import sys; from bot.report import Format, render; import bot.report.json_report; "
        "print({'rich', 'jinja2', 'unidiff'} & sys.modules.keys())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "set()\n"
