"""The message of a revision did not begin with what it does.

"Customer nickname" may add one, drop one or fill one. `{verb}_{entity}_{details}` can be read in a
list of two hundred, and sorted and searched.

Begin with a verb: add, drop, rename, backfill, and then what it is done to.

Reference: https://alembic.sqlalchemy.org/en/latest/tutorial.html#create-a-migration-script
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.guesses.verbs import begins_with_verb, is_vague
from bot.explain.history.told import added, of_revision
from bot.facts import Facts
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "process"
PRESETS = (5,)
OPTIONS = {"verbs": "further verbs that a message may begin with"}


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each new revision; a message that says nothing at all is `vague-message`."""
    own = frozenset(word.lower() for word in options.of("message-without-verb", "verbs", ("",)))
    for project, item in added(facts):
        if is_vague(item.message) or begins_with_verb(item.message, own):
            continue
        yield of_revision(
            project,
            item,
            title=f"{code(item.message)} does not begin with what {code(item.revision)} does",
            message="A message begins with a verb and names what it is done to.",
            about="verb",
            remedies=(
                Remedy("Begin with a verb", block(f'"""Add {item.message.lower()}."""', "python")),
                Remedy(
                    "It is one?",
                    block('[policy.message-without-verb]\nverbs = ["<the verb>"]', "toml"),
                    trade_off="Holds for every later message.",
                ),
            ),
        )
