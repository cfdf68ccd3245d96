"""SARIF 2.1.0, for code scanning and editors. Pure.

References: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html and GitHub's "SARIF
support for code scanning".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from bot.markup import harmless, plain
from bot.policy import Policy, Severity
from bot.policy import policies as all_policies
from bot.verdict import Judged, Outcome, Verdict
from bot.wording import inert_json, visible

LEVELS = {Severity.BLOCK: "error", Severity.WARN: "warning", Severity.NOTE: "note"}
SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def render_sarif(verdict: Verdict, policies: Sequence[Policy] | None = None) -> str:
    """One run with every finding; waived ones are suppressed, those of base ``unchanged``.

    ``policies`` give the rules their texts: all of ``bot.policies`` unless given; the team's own
    are there in any case.
    """
    known = (*(all_policies() if policies is None else policies), *verdict.own)
    reported = {item.policy for item in verdict.findings}
    rules = [policy for policy in known if policy.id in reported or policy.id in verdict.ran]
    index = {policy.id: number for number, policy in enumerate(rules)}
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "db-recheck",
                "version": verdict.facts.tool_version,
                "semanticVersion": verdict.facts.tool_version,
                "rules": [_rule(policy) for policy in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            "%SRCROOT%": {"description": {"text": "the root of the repository"}}
        },
        "invocations": [_invocation(verdict)],
        "results": [_result(item, index) for item in verdict.findings],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    encoded = msgspec.json.format(msgspec.json.encode(log), indent=2).decode()
    return inert_json(encoded) + "\n"


def _rule(policy: Policy) -> dict[str, Any]:
    reasons = "\n\n".join(part for part in (policy.seen, policy.why, policy.instead) if part)
    links = "\n".join(f"- {reference}" for reference in policy.references)
    told = f"{reasons}\n\n{links}" if links else reasons
    return {
        "id": policy.id,
        "name": "".join(word.capitalize() for word in policy.id.split("-")),
        "shortDescription": {"text": plain(policy.seen) or policy.id},
        "fullDescription": {"text": plain(policy.why) or plain(policy.seen) or policy.id},
        "help": {"text": plain(told) or policy.id, "markdown": told or policy.id},
        "defaultConfiguration": {"level": LEVELS[policy.severity]},
        "properties": {"tags": ["database", "migration", policy.group, policy.pack]},
    }


def _result(item: Judged, index: dict[str, int]) -> dict[str, Any]:
    title = plain(item.title)
    result: dict[str, Any] = {
        "ruleId": item.policy,
        **({"ruleIndex": index[item.policy]} if item.policy in index else {}),
        "level": LEVELS[item.severity],
        "message": {
            "text": f"{title}\n\n{plain(item.message)}",
            "markdown": f"{harmless(item.title)}\n\n{harmless(item.message)}",
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {
                        "uri": quote(item.path.encode("utf-8", "replace"), safe="/"),
                        "uriBaseId": "%SRCROOT%",
                    },
                    "region": {"startLine": item.line, "endLine": item.end_line},
                }
            }
        ],
        "partialFingerprints": {"dbRecheckFinding/v1": item.fingerprint},
        "baselineState": "new" if item.introduced else "unchanged",
        "properties": {
            "confidence": item.confidence.value,
            "project": item.project,
            "revision": item.revision,
            "tables": item.tables,
            "remedies": [plain(remedy.title) for remedy in item.remedies],
        },
    }
    if item.waived:
        reason = visible(item.waived.reason)
        result["suppressions"] = [{"kind": "inSource", "justification": reason}]
    return result


def _invocation(verdict: Verdict) -> dict[str, Any]:
    return {
        "executionSuccessful": verdict.verdict is not Outcome.ERROR,
        "toolExecutionNotifications": [
            {
                "level": "error" if entry.fatal else "warning",
                "message": {
                    "text": visible(f"Not checked: {entry.what}. {entry.why}. To do: {entry.do}")
                },
            }
            for entry in verdict.not_checked
        ],
    }
