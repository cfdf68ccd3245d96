"""What is answered to `/db-recheck help`, to `explain`, and to what was not understood. Pure."""

from __future__ import annotations

from collections.abc import Callable

from bot.commands import USAGE, Command, Misspelt, Word
from bot.custom.listed import Listed, Own
from bot.markup import harmless
from bot.policy import Policy, policies
from bot.settings.load import did_you_mean
from bot.wording import code, prose

_MOST = 5  # references of a stranger's that are told

_MEANINGS = {
    Word.RECHECK: "checks this pull request anew, merged into its base as it is now",
    Word.HELP: "shows this list",
    Word.EXPLAIN: "says what a policy looks for, why, what to do instead and how to allow it",
    Word.DESCRIBE: "describes a table as this pull request leaves it",
    Word.STATUS: "says which revisions are pending, and what came before them",
    Word.SUGGEST_INDEX: "suggests an index, builds it on made-up rows, shows the plans that use it",
}


def help_text() -> str:
    """Every command in a line."""
    rows = "".join(f"| `{USAGE[word]}` | {_MEANINGS[word]} |\n" for word in Word)
    return (
        "db-recheck reads these commands at the start of a line of a new comment, from people who"
        f" may write to this repository:\n\n| command | what it does |\n|---|---|\n{rows}"
    )


def answered(command: Command | Misspelt, own: Callable[[], Listed] = Listed) -> tuple[str, bool]:
    """The answer in Markdown to what needs no look at the schema, and whether it was understood.

    ``own`` reads the repository's own policies; it is asked where the catalogue has no such id.
    """
    if isinstance(command, Misspelt):
        return _misspelt(command), False
    if command.word is Word.EXPLAIN:
        return _explained(command.arguments[0], own)
    return help_text(), True


def _misspelt(line: Misspelt) -> str:
    if line.close is None:
        meant = "`/db-recheck help` lists the commands."
    else:
        meant = f"Did you mean `{USAGE[line.close]}`? `/db-recheck help` lists all commands."
    return f"{code(line.said)} is not a command of db-recheck. {meant}"


def _explained(name: str, own: Callable[[], Listed]) -> tuple[str, bool]:
    catalogue = {policy.id: policy for policy in policies()}
    wanted = name.strip("`").lower()
    if wanted in catalogue:
        return _page(catalogue[wanted]), True
    known = own()
    custom = {each.policy.id: each for each in known.own}
    if wanted in custom:
        return _own_page(custom[wanted], known.base), True
    hint = did_you_mean(name, (*catalogue, *custom))
    hint = hint or "; the policies are listed in docs/policies/README.md"
    if known.unknown:
        hint += f"\n\nThis repository's own policies were not read: {prose(known.unknown)}"
    return f"There is no policy {code(name)}{hint}", False


def _page(policy: Policy) -> str:
    return _paragraphs(
        f"### {policy.id}",
        policy.seen,
        policy.why,
        "**What to do instead**",
        policy.instead,
        *_allowed(policy),
        *(f"Reference: <{url}>" for url in policy.references),
    )


def _own_page(own: Own, base: str) -> str:
    """One of the repository's own: its words are quoted, with nothing alive in them."""
    policy = own.policy
    words = _paragraphs(policy.seen, policy.why, policy.instead)
    return _paragraphs(
        f"### {policy.id}",
        f"A policy of this repository's own ({own.severity}), defined in {code(own.place)} on"
        f" {code(base)}.",
        f"It cannot be run: the file {own.fault}." if own.fault else "",
        "\n".join(f"- {sentence}" for sentence in own.asks),
        "\n".join(f"> {line}" for line in harmless(words).split("\n")),
        *_allowed(policy),
        *(f"Reference: {code(url)}" for url in policy.references[:_MOST]),
    )


def _allowed(policy: Policy) -> tuple[str, str]:
    return (
        "**To allow it**, on the line of the finding or the one above it:",
        f"```python\n# db-recheck: allow {policy.id}: the reason\n```",
    )


def _paragraphs(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"
