"""CASCADE removed objects that the statement does not name.

What depends on a dropped object goes with it: views, other tables' foreign keys, columns of a
dropped type. Nobody reviewed that list, and on another database it may be a longer one.

Drop each of them by its name, in the same revision, and leave CASCADE out: then PostgreSQL refuses
to drop what nobody thought of.

Reference: https://www.postgresql.org/docs/current/ddl-depend.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.explain.code.undo import take_back
from bot.explain.losses.cascade import says_cascade, taken_along
from bot.explain.losses.upgraded import upgraded
from bot.explain.names.names import execute
from bot.explain.patch.changes import replaced
from bot.explain.patch.patch import patched
from bot.explain.patch.plain_call import plain_call
from bot.explain.schema.objects import labels, listed, tables
from bot.explain.statements.group import Group, by_place, finding
from bot.explain.statements.locks import statement_block
from bot.explain.statements.ran import Ran
from bot.facts import Difference, Facts
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.BLOCK
PRESETS = (4, 5)

Taken = tuple[Ran, Difference]
_CASCADE = re.compile(r"\s+CASCADE\s*;?\s*$", re.IGNORECASE)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each line whose CASCADE took something along."""
    for found in upgraded(facts):
        for group in by_place(
            taken_along(found), lambda item: item[0], lambda item: _table(item[1])
        ):
            yield _finding(facts, group)


def _table(item: Difference) -> tuple[str, ...]:
    return tables([item])


def _finding(facts: Facts, group: Group[Taken]) -> Finding:
    taken = [item for _, item in group.items]
    at = code(group.ran.revision.revision)
    return finding(
        group.ran,
        title=f"CASCADE in {at} also removes {labels(taken)}",
        message=f"{statement_block(group.ran)}\n\nIt took along what it does not name:\n\n"
        + listed(taken, "new", "removed", ("was", "is")),
        about=",".join(item.label for item in taken),
        tables=group.tables,
        confidence=Confidence.OBSERVED,
        remedies=(_by_name(facts, group.ran, taken),),
        count=len(taken),
    )


def _by_name(facts: Facts, ran: Ran, taken: list[Difference]) -> Remedy:
    """Explicit drops, and the statement without CASCADE where its text shows how."""
    drops = take_back(replace(item, before=None, after=item.before) for item in taken)
    pieces = [piece for piece in ran.pieces if says_cascade(piece)]
    plain = _CASCADE.sub("", pieces[0].text) if len(pieces) == len(ran.pieces) == 1 else ""
    if not plain or plain == pieces[0].text:
        text = f"{block(drops, 'python')}\n\nThen the statement itself, without CASCADE."
        return Remedy("Drop each of them by its name", text)
    whole = f"{drops}\n{execute(plain)}"
    call = plain_call(facts, ran, "execute")
    patch = patched(facts, ran.path, replaced(ran.line, "execute", whole)) if call else None
    return Remedy(
        "Drop each of them by its name",
        block(whole, "python"),
        trade_off="It stops on a database where more depends on it: that is the point.",
        patch=patch,
    )
