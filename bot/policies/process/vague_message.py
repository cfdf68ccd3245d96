"""The message of a revision said nothing that tells it from others.

`alembic history` is what people read at night to find out what happened to a table. "update",
"fix" and "changes" leave them to open every file.

Say what is done, and to what.

Reference: https://alembic.sqlalchemy.org/en/latest/tutorial.html#create-a-migration-script
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.guesses.verbs import is_vague
from bot.explain.history.told import added, of_revision
from bot.facts import Facts
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "process"
PRESETS = (2, 4, 5)
OPTIONS = {"words": "further words that say nothing, such as the product's own name"}


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each new revision of which that is so."""
    own = frozenset(word.lower() for word in options.of("vague-message", "words", ("",)))
    for project, item in added(facts):
        if not is_vague(item.message, own):
            continue
        said = f"is {code(item.message)}" if item.message else "is empty"
        yield of_revision(
            project,
            item,
            title=f"The message of {code(item.revision)} {said}",
            message=f"It could stand over every revision. In {code('alembic history')} nobody will "
            f"find what {code(item.revision)} does.",
            about="message",
            remedies=(
                Remedy(
                    "Say what is done, and to what",
                    block('"""Add customers.nickname for invoices.\n\n…\n"""', "python"),
                ),
            ),
        )
