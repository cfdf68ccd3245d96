"""A step that others wait for takes longer than the limit at the sizes of production's tables.

While it runs everybody else stands in line: requests time out, the connection pool fills, and one
slow statement becomes an outage. The scratch database is too small to show it, so the statement was
timed there at two sizes and the time was carried over to the rows and bytes of `table-stats`.
Downgrades are timed where `check-downgrade-locks` asks for their locks.

Do the slow part under a weaker lock: build indexes CONCURRENTLY, add constraints NOT VALID and
validate them later, replace a rewrite by a new column that is filled in batches.

Reference: https://www.postgresql.org/docs/current/explicit-locking.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.explain.online.column import rewriting
from bot.explain.online.index import build_concurrently
from bot.explain.statements.cause import Blocked, Cause, causes
from bot.explain.statements.durations import estimates, roughly, span, spoken
from bot.explain.statements.estimates import Estimate
from bot.explain.statements.group import by_place, finding, message
from bot.explain.statements.locks import mode_name, nobody_can
from bot.explain.statements.ran import Ran, ran
from bot.facts import Direction, Facts
from bot.facts.locks import blocks, strongest
from bot.policy import DEFAULTS, Confidence, Finding, Options, Remedy, Severity
from bot.wording import code

SEVERITY = Severity.BLOCK
PRESETS = (4, 5)

_ELSE = Remedy(
    "Split the step",
    "Take the lock for a change of the catalogue alone, and do what reads or writes rows before it "
    "or after it, in a transaction of its own. The other findings about this statement say how.",
    trade_off="Several revisions instead of one, deployed one after the other.",
)
_LARGER = Remedy(
    "Take the time",
    "Where nobody uses the table at night, run it then and allow it here with that as the reason; "
    "`max-blocking-seconds` sets the limit for all tables.",
    trade_off="Everybody who does use the table waits.",
)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each line whose statements block for longer than the limit."""
    slow = (
        (each, longest, mode)
        for each in ran(facts, options)
        for longest, mode in _blocking(each)
        if longest.seconds > options.max_blocking_seconds
    )
    for group in by_place(slow, lambda item: item[0], lambda item: (item[1].table,)):
        at, longest, mode = max(group.items, key=lambda item: item[1].seconds)
        table = code(longest.table)
        limit = span(options.max_blocking_seconds)
        down = at.statement.direction is Direction.DOWNGRADE
        first = (
            f"{'The downgrade of ' if down else ''}{code(at.revision.revision)} takes"
            f" {spoken(longest)}, measured on smaller tables, "
            f"and meanwhile {nobody_can(mode)} {table} (lock mode {code(mode_name(mode))}). "
            f"The limit is {limit} (`max-blocking-seconds`)."
        )
        waiting = longest.seconds * (longest.writes_per_second or 0)
        more = f"At your rate some {roughly(waiting)} writes wait by then." if waiting >= 1 else ""
        yield finding(
            group.ran,
            title=f"{nobody_can(mode).capitalize()} {table} for about {span(longest.seconds)}",
            message=message(at, first, more, known=Confidence.OBSERVED, timed=False),
            about=",".join(group.tables),
            tables=group.tables,
            confidence=Confidence.LIKELY,
            remedies=(*_way_out(facts, at), _LARGER),
            count=len(group.items),
        )


def _blocking(each: Ran) -> Iterator[tuple[Estimate, str]]:
    """The statement's longest time, with the mode under which others wait for the table."""
    modes: Mapping[str, str | None] = {
        effect.relation: strongest((*effect.locks, *effect.held)) for effect in each.existing
    }
    held = {name: strongest(locks) for name, locks in each.held.items()}
    found = []
    for estimate in estimates(each):
        own = modes.get(estimate.table) or held.get(estimate.table) or ""
        if "writes" in blocks(own):
            found.append((estimate, own))
    if found:
        yield max(found, key=lambda item: item[0].seconds)


def _way_out(facts: Facts, at: Ran) -> tuple[Remedy, ...]:
    cause: Blocked | None = next(causes(at), None)
    if cause is not None and cause.cause is Cause.INDEX_BUILD:
        return (build_concurrently(facts, [(at, cause.tables[0])]),)
    if cause is not None and cause.cause is Cause.REWRITE:
        return tuple(rewriting(at, cause.tables[0]))
    return (_ELSE,)
