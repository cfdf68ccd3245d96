"""A waiver gave no reason.

It allows nothing until it does: who reads the file in a year, or reviews it
today, cannot tell a decision from a shortcut.

Say after the colon why it is acceptable here: what was measured, who agreed,
which deployment step makes it safe.

Reference: https://docs.astral.sh/ruff/rules/blanket-noqa/
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.policy import Confidence, Finding, Remedy, Severity
from bot.waivers import Waivers, WaiverState
from bot.wording import block, code

SEVERITY = Severity.WARN


def check_waivers(waivers: Waivers) -> Iterator[Finding]:
    for waiver in waivers.in_state(WaiverState.WITHOUT_REASON):
        verb = "allow-file" if waiver.whole_file else "allow"
        yield Finding(
            path=waiver.path,
            line=waiver.line,
            title=f"The waiver of {code(waiver.policy)} gives no reason",
            message="A waiver counts once it says why. Until then what it is about is reported.",
            subject=f"{waiver.path} {waiver.policy}",
            confidence=Confidence.CERTAIN,
            remedies=(
                Remedy(
                    "Say why it is acceptable here",
                    block(f"# db-recheck: {verb} {waiver.policy}: <why it is safe>", "python"),
                ),
            ),
        )
