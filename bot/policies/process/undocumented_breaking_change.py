"""A revision broke the running release, and nobody said a word of it.

Others depend on the tables: the release that is still running, reports, other teams. A break that
is told can be planned around; one that is not is an incident.

Say in the docstring or the pull request what breaks, for whom, and when it may be deployed.

Reference: https://www.conventionalcommits.org/en/v1.0.0/#commit-message-with-description-and-breaking-change-footer
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.history.told import says, texts
from bot.explain.names.names import python_string
from bot.explain.releases.breaking import Break, breaks
from bot.explain.statements.group import finding
from bot.facts import Facts
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code, several

SEVERITY = Severity.WARN
PACK = "process"
PRESETS = (3, 4, 5)
OPTIONS = {"words": "beginnings of words of which one must stand where it is told"}

WORDS = (
    "break", "incompatib", "backward", "downtime", "maintenance", "outage", "deploy", "rollout",
    "roll out", "old release", "running release", "older release", "previous release",
    "release first", "code first", "migrate first", "deprecat",
)  # fmt: skip


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each revision that breaks it and says nothing."""
    words = options.of("undocumented-breaking-change", "words", WORDS)
    by_revision: dict[int, list[Break]] = {}
    for item in breaks(facts):
        by_revision.setdefault(id(item.upgraded.revision), []).append(item)
    for items in by_revision.values():
        if not says(texts(facts, items[0].upgraded.revision), words):
            yield _finding(facts, items, words)


def _finding(facts: Facts, items: list[Break], words: tuple[str, ...]) -> Finding:
    first = items[0]
    revision = first.upgraded.revision
    done = "; ".join(item.words for item in items[:3])
    where = (
        "docstring, a commit nor the pull request"
        if facts.pull_request
        else "docstring nor a commit"
    )
    doc = revision.doc.strip() or "What it does."
    text = f"{doc}\n\nBreaking: {first.words.replace('`', '')}. Deploy it after release <version>."
    plain = '"""' not in text and "\\" not in text
    return finding(
        first.ran,
        title=f"{code(revision.revision)} breaks the running release and does not say so",
        message=f"{done}. Neither its {where} has a word that begins like one of these: "
        f"{several(words, 6)}.",
        about="breaking",
        tables=tuple(dict.fromkeys(item.table for item in items)),
        confidence=first.ran.confidence,
        count=len(items),
        remedies=(
            Remedy(
                "Say what breaks, and when it may be deployed",
                block(f'"""{text}\n"""' if plain else python_string(text), "python"),
            ),
        ),
    )
