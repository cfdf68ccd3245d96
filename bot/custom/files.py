"""A team's own policy in Python: what its text says, and its findings as somebody else's words.

The file is only read here, never imported. Whoever runs it is handed in.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from bot.custom.declared import GROUP, PACK
from bot.facts import Facts
from bot.policy import Finding, Options, Policy, Severity, Unjudged
from bot.settings import OwnFile
from bot.source import tree_of

RunOwn = Callable[[OwnFile, Facts, Options], tuple[Finding, ...]]
"""Runs one policy over the facts; raises ``Unjudged`` where it did not come to an end."""

_MEND = 'Mend {} on the base branch; the policy can be switched off with `{} = "off"`.'


def file_policy(file: OwnFile, options: Options, run: RunOwn | None) -> Policy:
    """The file as a policy; one that cannot be run says so when it is asked."""
    tree = tree_of(file.text)
    text = (ast.get_docstring(tree) if tree else None) or ""
    body, _, tail = text.partition("Reference:")
    seen, why, instead = [*body.strip().split("\n\n", 2), "", ""][:3]
    severity = _severity(tree) if tree else None
    fault = fault_of(file)

    def check(facts: Facts) -> Iterator[Finding]:
        if facts.nothing is not None:
            return
        if fault:
            raise Unjudged(f"{file.path} {fault}", _MEND.format(file.path, file.id))
        if run is None:
            raise Unjudged(
                "this command runs no code of the team's own",
                "Run `db-recheck check`, or the Action in the mode `report`.",
            )
        yield from run(file, facts, options)

    return Policy(
        id=file.id,
        group=GROUP,
        severity=severity or Severity.WARN,
        pack=PACK,
        presets=(),
        seen=" ".join(seen.split()) or f"The team's own policy `{file.id}` found something.",
        why=" ".join(why.split()),
        instead=instead.strip(),
        references=tuple(word for word in tail.split() if word.startswith("https://")),
        check=check,
    )


def fault_of(file: OwnFile) -> str:
    """Why it cannot be run, as the rest of a sentence; "" where nothing speaks against it."""
    tree = tree_of(file.text)
    if tree is None:
        return "is no Python"
    if _severity(tree) is None:
        return "has no line `SEVERITY = Severity.BLOCK`, `.WARN` or `.NOTE`"
    checks = [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "check"
    ]
    return "" if checks else "has no function `check(facts)`"


def _severity(tree: ast.Module) -> Severity | None:
    for node in tree.body:
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        target, value = node.targets[0], node.value
        named = isinstance(target, ast.Name) and target.id == "SEVERITY"
        if named and isinstance(value, ast.Attribute) and value.attr in Severity.__members__:
            return Severity[value.attr]
    return None
