"""SARIF: rules, places, fingerprints, suppressions."""

from __future__ import annotations

import json
from typing import Any

from bot.report.sarif import render_sarif
from tests.unit.report.cases import verdict
from tests.unit.report.stand_ins import POLICIES


def _run(case: str) -> dict[str, Any]:
    log = json.loads(render_sarif(verdict(case), POLICIES))
    assert log["version"] == "2.1.0"
    run: dict[str, Any] = log["runs"][0]
    return run


def test_every_result_has_a_rule_with_help() -> None:
    """A reader of the alert learns why it matters and what to do."""
    run = _run("fail")
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert "Do it in two steps." in rule["help"]["markdown"]


def test_a_waived_finding_is_suppressed_with_its_reason() -> None:
    """Code scanning shows it as dismissed, by the words of the waiver."""
    by_rule = {result["ruleId"]: result for result in _run("waived")["results"]}
    assert by_rule["downgrade-residue"]["suppressions"] == [
        {"kind": "inSource", "justification": "the type is shared, #12 removes it"}
    ]
    assert "suppressions" not in by_rule["unused-waiver"]


def test_an_old_finding_is_unchanged() -> None:
    """Base had it."""
    by_rule = {result["ruleId"]: result for result in _run("waived")["results"]}
    assert by_rule["multiple-heads"]["baselineState"] == "unchanged"
    assert by_rule["downgrade-residue"]["baselineState"] == "new"


def test_an_error_says_what_was_not_seen() -> None:
    """A run that did not see everything was not successful, and says why."""
    (invocation,) = _run("error")["invocations"]
    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert "acme-auth" in notification["message"]["text"]


def test_a_path_becomes_a_uri() -> None:
    """Blanks, percent signs and anything else are encoded, slashes are not."""
    uris = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in _run("hostile")["results"]
    }
    assert all(" " not in uri and "<" not in uri and ":" not in uri for uri in uris)
