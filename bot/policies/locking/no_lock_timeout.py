"""A strong lock was asked for without a limit on how long to wait for it.

A lock request queues behind the longest running query on the table, and everybody who comes later
queues behind the request, readers too. One forgotten report stops the application for as long as
it runs.

Set `lock_timeout` for migrations: they then fail quickly and can be tried again.

Reference: https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from bot.explain.names.names import execute
from bot.explain.patch.changes import at_head
from bot.explain.patch.patch import patched
from bot.explain.statements.group import finding
from bot.explain.statements.locks import mode_name, nobody_can, statement_block
from bot.explain.statements.ran import Ran, ran
from bot.facts import Direction, Effect, Facts
from bot.facts.locks import SHARE_ROW_EXCLUSIVE, strength, strongest
from bot.policy import DEFAULTS, Confidence, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PRESETS = (5,)

_WAIT = "5s"
_CONNECT = f'connect_args={{"options": "-c lock_timeout={_WAIT}"}}'


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each revision, at the first such lock."""
    statements = ran(facts, options)
    for _, several in groupby(statements, lambda each: (id(each.revision), _down(each))):
        for each in several:
            locked = _strongest(each) if each.statement.lock_timeout_ms == 0 else None
            if locked:
                yield _finding(facts, each, locked)
                break


def _down(each: Ran) -> bool:
    return each.statement.direction is Direction.DOWNGRADE


def _strongest(each: Ran) -> Effect | None:
    """The existing table that the statement locked most, if strongly."""
    least = strength(SHARE_ROW_EXCLUSIVE)
    strong = [item for item in each.existing if strength(_mode(item)) >= least]
    return max(strong, key=lambda item: strength(_mode(item)), default=None)


def _mode(item: Effect) -> str:
    return strongest(item.locks) or ""


def _finding(facts: Facts, each: Ran, locked: Effect) -> Finding:
    table, mode = locked.relation, _mode(locked)
    inside = each.statement.transaction is not None
    limit = execute(f"SET {'LOCAL ' if inside else ''}lock_timeout = '{_WAIT}'")
    function = "downgrade" if _down(each) else "upgrade"
    return finding(
        each,
        title=f"{code(each.revision.revision)} would wait for {code(table)} without limit",
        message=f"It asks for {code(mode_name(mode))} on {code(table)} with `lock_timeout = 0`, "
        f"whatever env.py, the role and the connection set included. While it waits for a running "
        f"query, {nobody_can(mode)} {code(table)}.\n\n{statement_block(each)}",
        about=table,
        tables=(table,),
        confidence=Confidence.OBSERVED if each.observed else Confidence.CERTAIN,
        remedies=(
            Remedy(
                "Limit the wait in this revision",
                block(limit, "python"),
                "A deployment at a busy moment fails and has to be tried again, instead of "
                "stopping everybody.",
                patched(facts, each.path, at_head(function, limit)) if inside else None,
            ),
            Remedy(
                "Limit it for all migrations, in env.py",
                "For psycopg and psycopg2; with asyncpg it is "
                f'`connect_args={{"server_settings": {{"lock_timeout": "{_WAIT}"}}}}`.\n\n'
                + block(f"connectable = create_engine(url, {_CONNECT})", "python"),
            ),
        ),
    )
