"""One revision as several, each with lines of the reader's own."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from textwrap import dedent

from bot.explain.code.op_code import steps, upgrade
from bot.explain.names.names import execute
from bot.explain.statements.ran import Ran
from bot.facts import Facts
from bot.policy import Remedy
from bot.wording import code

_ORDER = ("In the first revision:", "In the next one:")


def split(facts: Facts, *parts: Sequence[Ran]) -> Remedy:
    """The statements of each part in a revision of its own, as the reader wrote them."""
    shown = []
    for number, several in enumerate(parts):
        lines = dict.fromkeys(written(facts, each) for each in several[:4])
        words = _ORDER[min(number, 1)]
        shown.append((words, upgrade(*lines)))
    own = parts[0][0].revision.revision if parts and parts[0] else ""
    return Remedy(
        f"Split {code(own)} into revisions that commit one by one",
        steps(*shown),
        "They are no longer one transaction: each has to work with the others undone. They can go "
        "in one pull request where env.py sets `transaction_per_migration=True`.",
    )


def written(facts: Facts, ran: Ran) -> str:
    """The statement's own code in the revision; ``op.execute`` of its SQL where that is elsewhere.

    Code inside a loop or helper says nothing by itself: there the SQL that ran is given.
    """
    source = facts.source(ran.path)
    text = source.head if source and not source.cut else None
    found = _statement(text or "", ran.line)
    return found or execute(ran.statement.sql)


def _statement(text: str, line: int) -> str | None:
    """The statement on that line, where it stands directly in ``upgrade``."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and function.name == "upgrade":
            for node in function.body:
                last = node.end_lineno or node.lineno
                if isinstance(node, ast.Expr) and node.lineno <= line <= last:
                    lines = text.splitlines()[node.lineno - 1 : last]
                    return dedent("\n".join(lines))
    return None
