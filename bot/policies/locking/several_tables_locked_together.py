"""Strong locks on several existing tables were held in one transaction.

The second is waited for while the first is held: everybody who uses the first table waits for the
second one's users. An application that uses the two in the other order ends in a deadlock, and
PostgreSQL kills one of them.

One revision for each table, so that each lock ends before the next is asked for.

Reference: https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-DEADLOCKS
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.splitting import split
from bot.explain.statements.group import finding, in_transactions, message
from bot.explain.statements.locks import mode_name, names, until
from bot.explain.statements.ran import Ran
from bot.facts import Facts
from bot.facts.locks import SHARE_ROW_EXCLUSIVE, strength, strongest
from bot.policy import DEFAULTS, Finding, Options, Severity
from bot.wording import code

SEVERITY = Severity.WARN
PRESETS = (5,)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each transaction, where the second table is locked.

    What one statement locks together (both sides of a foreign key, a table and its partitions)
    cannot be parted and is not reported by itself.
    """
    for several in in_transactions(facts, options):
        held: dict[str, str] = {}
        second: Ran | None = None
        for each in several:
            taken = _strong(each)
            if held and second is None and not taken.keys() <= held.keys():
                second = each
            held |= {name: mode for name, mode in taken.items() if name not in held}
        if second is not None:
            yield _finding(facts, several, second, held)


def _strong(each: Ran) -> dict[str, str]:
    """Existing tables and the strong mode that the statement took on them.

    A new table's foreign keys lock their targets for an instant, with no row to compare: left out.
    """
    if any(item.created and item.kind.endswith("table") for item in each.effects):
        return {}
    tables = [item for item in each.existing if item.kind != "materialized view"]
    modes = {item.relation: strongest(item.locks) or "" for item in tables}
    least = strength(SHARE_ROW_EXCLUSIVE)
    return {name: mode for name, mode in modes.items() if strength(mode) >= least}


def _finding(facts: Facts, several: list[Ran], second: Ran, held: dict[str, str]) -> Finding:
    takers = [each for each in several if _strong(each)]
    listed = "\n".join(
        f"- line {each.line}: {code(mode_name(mode))} on {code(name)}"
        for each in takers
        for name, mode in _strong(each).items()
    )
    first = (
        f"{code(second.revision.revision)} holds strong locks on {names(held)} at once, "
        f"{until(second)}. While it waits for the second table, everybody who needs the first one "
        "waits too; whoever uses them in another order can end in a deadlock."
    )
    return finding(
        second,
        title=f"{names(held, 3)} are locked together",
        message=message(second, first, listed, "Here the second is asked for:"),
        about=",".join(sorted(held)),
        tables=tuple(held),
        confidence=second.confidence,
        remedies=(split(facts, *[[each] for each in takers[:4]]),),
        count=len(held),
    )
