"""The change loosened the check that it has to pass.

A setting of db-recheck would let more through than the one on the base branch.
Whoever may change the rules together with the code is reviewed by nobody.

Change the rules in a pull request of their own. Until it is merged this check
goes by the base branch's rules, unless those say `trust-head = true`.

Reference: https://docs.github.com/en/actions/reference/security/secure-use
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.facts import ConfigurationChange, Facts
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import code

SEVERITY = Severity.WARN


def check(facts: Facts) -> Iterator[Finding]:
    for change in facts.configuration:
        if change.weakens:
            yield _finding(change, facts.base_name)


def _finding(change: ConfigurationChange, base: str) -> Finding:
    was, becomes = _value(change.base), _value(change.head)
    used = (
        f"Base says `trust-head = true`, so this run already goes by {becomes}."
        if change.used
        else f"This run goes by base's value, {was}."
    )
    return Finding(
        path=change.path,
        line=change.line,
        title=f"The change loosens {code(change.key)}",
        message=f"{code(change.key)} goes from {was} to {becomes}, which lets more through. {used}",
        subject=change.key,
        confidence=Confidence.CERTAIN,
        remedies=(
            Remedy(
                f"Change {code(change.key)} in a pull request of its own",
                f"Merge it into {code(base)} first; this change is then judged by it.",
                "one more review",
            ),
        ),
    )


def _value(value: str | None) -> str:
    return "its default" if value is None else code(value)
