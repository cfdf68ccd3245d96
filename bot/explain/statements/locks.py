"""Lock modes in the reader's words: who waits, for what, and until when."""

from __future__ import annotations

from collections.abc import Iterable

from bot.explain.statements.cause import Blocked
from bot.explain.statements.ran import Ran
from bot.facts import Direction, Effect
from bot.facts.locks import blocks, strongest
from bot.policy import Confidence
from bot.wording import block, code

_SQL = {
    "AccessShareLock": "ACCESS SHARE",
    "RowShareLock": "ROW SHARE",
    "RowExclusiveLock": "ROW EXCLUSIVE",
    "ShareUpdateExclusiveLock": "SHARE UPDATE EXCLUSIVE",
    "ShareLock": "SHARE",
    "ShareRowExclusiveLock": "SHARE ROW EXCLUSIVE",
    "ExclusiveLock": "EXCLUSIVE",
    "AccessExclusiveLock": "ACCESS EXCLUSIVE",
}
LONGEST = 600  # characters of a statement that are quoted


def mode_name(mode: str) -> str:
    """The mode as SQL writes it: ``SHARE ROW EXCLUSIVE``."""
    return _SQL.get(mode, mode)


def nobody_can(mode: str) -> str:
    """What the mode forbids everybody else, before a table's name: "nobody can write to"."""
    kept = blocks(mode)
    if "reads" in kept:
        return "nobody can read or write"
    if "writes" in kept:
        return "nobody can write to"
    return "no other schema change can touch" if kept else "everybody can use"


def until(ran: Ran) -> str:
    """When its locks end: with the transaction, or with the statement itself."""
    if ran.statement.transaction is None:
        return "until the statement is done"
    down = ran.statement.direction is Direction.DOWNGRADE
    return f"until {'the downgrade of ' if down else ''}{code(ran.revision.revision)} commits"


def names(tables: Iterable[str], most: int = 4) -> str:
    """Tables in code spans, as a list in a sentence."""
    shown = [code(item) for item in tables]
    if len(shown) > most:
        shown = [*shown[:most], f"{len(shown) - most} more"]
    if len(shown) < 2:  # noqa: PLR2004 - one needs no "and"
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def consequences(item: Blocked) -> str:
    """A list of what the statement did: its locks, scans, rewrites and indexes, table by table."""
    lines = []
    for effect in item.effects:
        lines += _lines(effect, item)
    return "\n".join(f"- {line}" for line in dict.fromkeys(lines))


def _lines(effect: Effect, item: Blocked) -> list[str]:
    name = code(effect.relation)
    if "index" in effect.kind:
        done = "builds" if effect.created else "rebuilds" if effect.rewritten else ""
        return [f"It {done} the index {name}."] if done and effect.table in item.tables else []
    if not effect.existed:
        return []
    mode = strongest((*effect.locks, *effect.held)) or ""
    lines = []
    if effect.rewritten:
        lines.append(f"It writes every row of {name} into a new file, and all of its indexes.")
    elif effect.scanned:
        lines.append(f"It reads {name} from end to end.")
    if blocks(mode):
        held = "" if mode in effect.locks else ", taken earlier in the transaction"
        words = f"{nobody_can(mode).capitalize()} {name} {until(item.ran)}"
        lines.append(f"{words} (lock mode {code(mode_name(mode))}{held}).")
    return lines


def how_known(confidence: Confidence, ran: Ran) -> str:
    """A sentence for what was not seen on the database; empty for what was."""
    if confidence is Confidence.OBSERVED or ran.observed:
        return ""  # it was watched: what is not sure is another thing than its locks
    failed = ran.statement.sqlstate is not None
    why = ran.statement.unseen or ("it failed" if failed else "it was not watched while it ran")
    sure = "PostgreSQL's documentation says what it takes"
    if confidence is Confidence.LIKELY:
        sure = "what it takes depends on more than its text says"
    return f"This is read from the statement, not seen on the database ({why}): {sure}."


def statement_block(ran: Ran) -> str:
    """The statement as SQL, as it ran."""
    return block(ran.statement.sql.strip(), "sql", LONGEST)
