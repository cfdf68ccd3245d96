"""The docstring of a revision held no description.

What the statements do can be read; why, for whom, and what was considered cannot. Three years on
the revision is all that is left of the pull request.

Write some lines under the first one: why, and what reads it.

Reference: https://peps.python.org/pep-0257/#multi-line-docstrings
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.history.told import added, description, of_revision
from bot.explain.names.names import python_string
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "process"
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each new revision."""
    for project, item in added(facts):
        if description(item):
            continue
        first = item.message or "What it does."
        text = f"{first}\n\nWhy it is needed, what reads it, and what was considered."
        plain = '"' not in text and "\\" not in text
        shown = f'"""{text}\n"""' if plain else python_string(text)
        yield of_revision(
            project,
            item,
            title=f"{code(item.revision)} does not say why",
            message="Its docstring has a first line and, what Alembic writes aside, no other.",
            about="description",
            remedies=(Remedy("Say why, under the first line", block(shown, "python")),),
        )
