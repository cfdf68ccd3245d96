"""What several statements of one place in a revision have in common becomes one finding."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from bot.explain.statements.cause import Blocked, Cause, causes
from bot.explain.statements.durations import longest, spoken
from bot.explain.statements.locks import consequences, how_known, names, statement_block
from bot.explain.statements.ran import Ran, ran
from bot.facts import Direction, Facts
from bot.policy import Confidence, Finding, Options, Remedy
from bot.wording import code

T = TypeVar("T")


@dataclass(frozen=True)
class Group(Generic[T]):
    """What was seen at one line of a revision: a helper in a loop runs many statements there.

    ``tables`` are all that are concerned, each once, in the order in which they were.
    """

    ran: Ran
    items: tuple[T, ...]
    tables: tuple[str, ...]


def by_place(
    items: Iterator[T], of: Callable[[T], Ran], tables: Callable[[T], tuple[str, ...]]
) -> list[Group[T]]:
    """The items by revision, direction, file and line, in the order of the first of each."""
    found: dict[tuple[object, ...], list[T]] = {}
    for item in items:
        at = of(item)
        key = (
            at.project.config,
            at.revision.revision,
            at.statement.direction,
            at.path,
            at.line,
        )
        found.setdefault(key, []).append(item)
    return [
        Group(
            of(several[0]),
            tuple(several),
            tuple(dict.fromkeys(name for item in several for name in tables(item))),
        )
        for several in found.values()
    ]


def blocked(facts: Facts, options: Options, cause: Cause) -> list[Group[Blocked]]:
    """The statements that are reported for that cause, by their place."""
    found = (item for each in ran(facts, options) for item in causes(each) if item.cause is cause)
    return by_place(found, lambda item: item.ran, lambda item: item.tables)


def in_transactions(facts: Facts, options: Options) -> list[list[Ran]]:
    """The statements of each transaction of each revision, those in autocommit left out."""
    return by_transaction(ran(facts, options))


def by_transaction(statements: Iterable[Ran]) -> list[list[Ran]]:
    """These statements by transaction, those in autocommit left out."""
    found: dict[tuple[object, ...], list[Ran]] = {}
    for each in statements:
        statement = each.statement
        if statement.transaction is not None:
            key = (id(each.revision), statement.direction, statement.transaction)
            found.setdefault(key, []).append(each)
    return list(found.values())


def finding(
    at: Ran,
    *,
    title: str,
    message: str,
    about: str,
    tables: tuple[str, ...],
    confidence: Confidence,
    remedies: tuple[Remedy, ...],
    count: int = 1,
    column: str | None = None,
) -> Finding:
    """A finding at the line of a statement. ``about`` tells it from others of its revision."""
    down = "downgrade:" if at.statement.direction is Direction.DOWNGRADE else ""
    return Finding(
        path=at.path,
        line=at.line,
        title=title,
        message=message,
        subject=f"{at.revision.revision}:{down}{about}",
        confidence=confidence,
        project=at.project.config,
        revision=at.revision.revision,
        tables=tables,
        count=count,
        column=column,
        remedies=remedies,
    )


def message(at: Ran, *paragraphs: str, known: Confidence | None = None, timed: bool = True) -> str:
    """What was seen, the statement, how it is known where it was not seen.

    With ``timed`` also how long it takes, where production's sizes tell.
    """
    time = takes([at]) if timed else ""
    parts = (*paragraphs, statement_block(at), time, how_known(known or at.confidence, at))
    return "\n\n".join(part for part in parts if part)


def told(group: Group[Blocked], first: str, remedies: tuple[Remedy, ...], title: str) -> Finding:
    """The finding of statements with one cause: what was seen, the statement, its consequences."""
    item = group.items[0]
    parts = [first]
    if len(group.items) > 1:
        times = f"This line ran {len(group.items)} of them, on {names(group.tables)}. The first:"
        parts.append(times)
    parts += [statement_block(item.ran), "What it did:", consequences(item)]
    parts.append(takes([each.ran for each in group.items]))
    parts.append(how_known(item.confidence, item.ran))
    return finding(
        group.ran,
        title=title,
        message="\n\n".join(part for part in parts if part),
        about=",".join(group.tables),
        tables=group.tables,
        confidence=min((each.confidence for each in group.items), key=_SURE.index),
        remedies=remedies,
        count=len(group.items),
    )


def takes(of: Iterable[Ran]) -> str:
    """A sentence about the time of the slowest statement at production's size; "" for none."""
    slowest = longest(of)
    if slowest is None:
        return ""
    return f"On {code(slowest.table)} it takes {spoken(slowest)}, by what was measured here."


_SURE = [Confidence.LIKELY, Confidence.CERTAIN, Confidence.OBSERVED]


def least_sure(confidences: Iterable[Confidence]) -> Confidence:
    """The lowest of several: a finding is no surer than its weakest part."""
    return min(confidences, key=_SURE.index)
