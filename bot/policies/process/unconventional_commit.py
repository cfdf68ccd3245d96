"""A commit with a migration was not of the form `type: subject`, with its issue.

Release notes, bisecting and the question why a column is there begin at the commit. Without a type
and an issue each of them ends there.

Write `feat: add the nickname of customers (#12)`; where pull requests are squashed, the title.

Reference: https://www.conventionalcommits.org/en/v1.0.0/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.explain.history.told import first_added, names_issue, of_revision
from bot.facts import ChangedRevision, Commit, Facts, Project
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "process"
PRESETS = (3, 5)
OPTIONS = {"types": "the types that a commit may have"}

TYPES = (
    "feat", "fix", "build", "chore", "ci", "db", "docs", "data", "migration", "perf", "refactor",
    "revert", "schema", "style", "test",
)  # fmt: skip
_HEADER = re.compile(r"(?P<type>[A-Za-z]+)(\([^()\n]+\))?!?: \S")
_MADE = re.compile(r"(Merge (branch|pull request|remote-tracking)|Revert \"|fixup! |squash! )")


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for the change; none where its title is what a squashed commit should say."""
    place, types = first_added(facts), options.of("unconventional-commit", "types", TYPES)
    pull = facts.pull_request
    if place is None:
        return
    if pull is not None:
        linked = bool(pull.issues) or names_issue(
            f"{pull.title}\n{pull.body}", options.issue_pattern
        )
        title = re.sub(r"^\[direct\]\s*", "", pull.title, flags=re.IGNORECASE)
        if linked and _fits(title, types):
            return
    bad = [
        commit
        for commit in facts.commits
        if _has_revision(facts, commit)
        and not _MADE.match(commit.message)
        and not (
            _fits(commit.message, types) and names_issue(commit.message, options.issue_pattern)
        )
    ]
    if bad:
        yield _finding(place, bad, types)


def _fits(text: str, types: tuple[str, ...]) -> bool:
    header = _HEADER.match(text)
    return header is not None and header["type"].lower() in types


def _has_revision(facts: Facts, commit: Commit) -> bool:
    paths = {item.path for project in facts.projects for item in project.revisions}
    return not paths.isdisjoint(commit.paths)


def _finding(
    place: tuple[Project, ChangedRevision], bad: list[Commit], types: tuple[str, ...]
) -> Finding:
    project, item = place
    first = bad[0].message.partition("\n")[0]
    listed = "\n".join(
        f"- {code(each.sha[:9])} {code(each.message.partition(chr(10))[0], 100)}"
        for each in bad[:5]
    )
    subject = first if first and ":" not in first else "what is done"
    return of_revision(
        project,
        item,
        title="A commit with a migration is not `type: subject` with an issue",
        message=f"Of these, one of the two is missing:\n\n{listed}\n\nTypes are "
        f"{', '.join(code(word) for word in types[:8])} and the like.",
        about="commit",
        count=len(bad),
        remedies=(
            Remedy(
                "Reword it",
                block(f"feat: {subject[:60]} (#<issue>)"),
                trade_off="Rewrites the branch; where pull requests are squashed, it is enough to "
                "give the pull request such a title.",
            ),
        ),
    )
