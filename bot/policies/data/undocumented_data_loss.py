"""A revision takes data away, and neither its docstring nor the pull request says a word about it.

Whoever reviews it, or looks for the values in two years, cannot tell a decision from an accident:
whether there is a copy, which rule let it go, and since when nothing needs it.

Say in the docstring what becomes of the data: where the backup is, which rule lets it go, since
when nothing reads it.

Reference: https://alembic.sqlalchemy.org/en/latest/tutorial.html#create-a-migration-script
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.explain.losses.destructive import Destroyed, destroyed
from bot.explain.losses.upgraded import Upgraded, upgraded
from bot.explain.names.names import python_string
from bot.explain.statements.group import finding, least_sure
from bot.facts import Facts, PullRequest
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code, several

SEVERITY = Severity.WARN
PRESETS = (3, 4, 5)
PACK = "contract"
OPTIONS = {"words": "beginnings of words of which one must stand in the docstring or pull request"}

WORDS = (
    "backup", "backed up", "back up", "dump", "archiv", "export", "restor", "retention", "retain",
    "expir", "deprecat", "obsolete", "unused", "no longer", "not used", "copied", "moved to",
    "superseded", "gdpr", "privacy", "data loss", "irreversib",
)  # fmt: skip


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each revision that says nothing of what it destroys."""
    words = options.of("undocumented-data-loss", "words", WORDS)
    for found in upgraded(facts):
        gone = list(destroyed(found))
        if gone and not _says(_texts(found, facts.pull_request), words):
            yield _finding(found, gone, facts.pull_request, words)


def _texts(found: Upgraded, pull: PullRequest | None) -> str:
    own = f"{found.revision.doc}\n{found.revision.message}"
    return f"{own}\n{pull.title}\n{pull.body}" if pull else own


def _says(text: str, words: tuple[str, ...]) -> bool:
    """Whether one of the words stands in the text, in whatever case and with whatever ending."""
    flat = " ".join(text.split())
    return any(re.search(rf"\b{re.escape(word)}", flat, re.IGNORECASE) for word in words)


def _finding(
    found: Upgraded, gone: list[Destroyed], pull: PullRequest | None, words: tuple[str, ...]
) -> Finding:
    revision = found.revision
    things = ", ".join(f"{item.kind} {code(item.name)}" for item in gone[:5])
    more = f" and {len(gone) - 5} more" if len(gone) > 5 else ""  # noqa: PLR2004 - as many as shown
    where = (
        "neither its docstring nor the pull request says" if pull else "its docstring does not say"
    )
    doc = revision.doc.strip() or revision.message.strip() or "What this revision is for."
    added = (
        f"{doc}\n\nData: {gone[0].name} is in the backup of <date>; nothing reads it since <when>."
    )
    return finding(
        gone[0].ran,
        title=f"{code(revision.revision)} takes data away and does not say why",
        message=f"{code(revision.revision)} destroys {things}{more}, and {where} what becomes "
        f"of the data. A word that begins like one of these would do: {several(words, 6)}.",
        about="undocumented",
        tables=tuple(dict.fromkeys(item.table for item in gone)),
        confidence=least_sure(item.confidence for item in gone),
        count=len(gone),
        remedies=(
            Remedy(
                "Say it in the docstring, where it stays with the revision",
                block(_docstring(added), "python"),
            ),
        ),
    )


def _docstring(text: str) -> str:
    if '"""' in text or "\\" in text:
        return python_string(text)
    return f'"""{text}\n"""'
