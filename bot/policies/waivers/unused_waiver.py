"""A waiver allowed something that nothing in its place does.

The reason that was given for it no longer holds, or never did, and it would
silence the next real finding on that line without anybody being asked.

Delete the comment; or move it to the statement that it is about.

Reference: https://docs.astral.sh/ruff/rules/unused-noqa/
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.policy import Confidence, Finding, Remedy, Severity
from bot.waivers import Waivers, WaiverState
from bot.wording import code

SEVERITY = Severity.WARN


def check_waivers(waivers: Waivers) -> Iterator[Finding]:
    for waiver in waivers.in_state(WaiverState.UNUSED):
        place = "this file" if waiver.whole_file else "the statement it stands at"
        yield Finding(
            path=waiver.path,
            line=waiver.line,
            title=f"The waiver of {code(waiver.policy)} allows nothing",
            message=f"{code(waiver.policy)} looked at {place} and found nothing to allow. "
            f"The reason given was: {code(waiver.reason)}",
            subject=f"{waiver.path} {waiver.policy} {waiver.reason}",
            confidence=Confidence.CERTAIN,
            remedies=(
                Remedy(
                    f"Delete the comment on line {waiver.line}",
                    trade_off="a later finding of this policy is then reported again",
                ),
            ),
        )
