"""A waiver named a policy that does not exist, or was not written as a waiver is.

It allows nothing: the finding that it was meant for still counts, and a reader
of the file believes that somebody looked at it and agreed.

Write the policy's id as the report shows it:
`# db-recheck: allow <policy-id>: <reason>`. `db-recheck policies` lists them.

Reference: https://docs.python.org/3/library/tokenize.html
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from bot.policy import Confidence, Finding, Remedy, Severity
from bot.waivers import Waiver, Waivers, WaiverState
from bot.wording import code

SEVERITY = Severity.WARN


def check_waivers(waivers: Waivers) -> Iterator[Finding]:
    for waiver in waivers.in_state(WaiverState.UNKNOWN):
        near = get_close_matches(waiver.policy, waivers.policies, n=1)
        meant = f"Did you mean {code(near[0])}?" if near else "`db-recheck policies` lists them."
        right = f"# db-recheck: allow {near[0] if near else '<policy-id>'}: {waiver.reason}"
        yield _finding(
            waiver,
            f"No policy is called {code(waiver.policy, 60)}",
            f"The waiver names {code(waiver.policy)}, which no policy is called. {meant}",
            Remedy("Name the policy as the report does", code(right)),
        )
    for waiver in waivers.in_state(WaiverState.MALFORMED):
        yield _finding(
            waiver,
            "A comment begins like a waiver and is none",
            f"{code('# db-recheck: ' + waiver.reason)} allows nothing, because it is not of the "
            "form `# db-recheck: allow <policy-id>: <reason>`.",
            Remedy(
                "Write it as a waiver, or drop the words `db-recheck:` from the comment",
                "`# db-recheck: allow <policy-id>: <reason>` on the line of the finding or above "
                "it, or `# db-recheck: allow-file <policy-id>: <reason>` anywhere in the file.",
            ),
        )


def _finding(waiver: Waiver, title: str, message: str, remedy: Remedy) -> Finding:
    return Finding(
        path=waiver.path,
        line=waiver.line,
        title=title,
        message=message,
        subject=f"{waiver.path} {waiver.policy} {waiver.reason}",
        confidence=Confidence.CERTAIN,
        remedies=(remedy,),
    )
