"""The team's own policies that were in force when facts were made, where no tree has them. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from bot.custom.declared import GROUP, PACK
from bot.facts import Facts
from bot.policy import Finding, Policy, Severity, Unjudged
from bot.settings.rules import PREFIX

_MOST = 100  # of those that facts name: a stranger may have written them
_ID = re.compile(PREFIX + r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST = 200  # characters


def absent_policies(facts: Facts, own: Collection[str]) -> tuple[Policy, ...]:
    """One for each id of the facts that is not in ``own``; asked, it says that it was not run."""
    return tuple(_absent(name) for name in named_policies(facts) if name not in own)


def named_policies(facts: Facts) -> tuple[str, ...]:
    """The ids of the team's own policies that the facts name, as far as they can be ids."""
    fitting = (name for name in facts.own if len(name) <= _LONGEST and _ID.fullmatch(name))
    return tuple(dict.fromkeys(fitting))[:_MOST]


def _absent(name: str) -> Policy:
    return Policy(
        id=name,
        group=GROUP,
        severity=Severity.WARN,
        pack=PACK,
        presets=(),
        seen="A policy of the team's own.",
        why="",
        instead="",
        references=(),
        check=_refuse,
    )


def _refuse(facts: Facts) -> Iterator[Finding]:
    if facts.nothing is None:
        raise Unjudged(
            "it is a policy of the repository's own, and no checkout was named that has it: it was"
            " not run",
            "Name the checkout with `--repo`: its base branch is read, and what is in Python runs"
            " in the sandbox.",
        )
    yield from ()
