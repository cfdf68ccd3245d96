"""What is answered to `/db-recheck help`, to `explain`, and to what was not understood. Pure."""

from __future__ import annotations

from bot.commands import USAGE, Command, Misspelt, Word
from bot.policy import Policy, policies
from bot.settings.load import did_you_mean
from bot.wording import code

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


def answered(command: Command | Misspelt) -> tuple[str, bool]:
    """The answer in Markdown to what needs no look at the schema, and whether it was understood."""
    if isinstance(command, Misspelt):
        return _misspelt(command), False
    if command.word is Word.EXPLAIN:
        return _explained(command.arguments[0])
    return help_text(), True


def _misspelt(line: Misspelt) -> str:
    if line.close is None:
        meant = "`/db-recheck help` lists the commands."
    else:
        meant = f"Did you mean `{USAGE[line.close]}`? `/db-recheck help` lists all commands."
    return f"{code(line.said)} is not a command of db-recheck. {meant}"


def _explained(name: str) -> tuple[str, bool]:
    known = {policy.id: policy for policy in policies()}
    policy = known.get(name.strip("`").lower())
    if policy is None:
        hint = did_you_mean(name, known) or "; the policies are listed in docs/policies/README.md"
        return f"There is no policy {code(name)}{hint}", False
    return _page(policy), True


def _page(policy: Policy) -> str:
    allow = f"```python\n# db-recheck: allow {policy.id}: the reason\n```"
    parts = [
        f"### {policy.id}",
        policy.seen,
        policy.why,
        "**What to do instead**",
        policy.instead,
        "**To allow it**, on the line of the finding or the one above it:",
        allow,
        *(f"Reference: <{url}>" for url in policy.references),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
