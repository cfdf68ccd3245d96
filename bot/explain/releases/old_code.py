"""Statements of the running release that the new schema refuses, as findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.explain.losses.lost import lost_columns, lost_tables
from bot.explain.losses.upgraded import Upgraded, upgraded
from bot.explain.releases.releases import Broken, broken, renamed
from bot.explain.statements.group import finding
from bot.explain.statements.ran import Ran
from bot.facts import Facts
from bot.facts.fit import Kind
from bot.policy import Confidence, Finding, Remedy
from bot.sql import CreateIndex, Drop, Modify
from bot.wording import block, code

_GONE = {"42703", "42P01"}  # undefined_column, undefined_table: PostgreSQL docs, Appendix A
_NOT_NULL = "23502"
_SHORT = 3  # letters of words that say nothing: is, of, not
_SHOWN = {
    Kind.SELECT: "SELECT",
    Kind.INSERT: "INSERT with every attribute set",
    Kind.MINIMAL: "INSERT with only what must be set",
    Kind.UPDATE: "UPDATE",
    Kind.DELETE: "DELETE",
}


def findings(facts: Facts, kinds: Sequence[Kind], verb: str) -> Iterator[Finding]:
    """One a table, at the statement of the change that most likely did it."""
    told = _told(facts)
    for project in facts.projects:
        if project.deploy is None:
            continue
        by_table: dict[str, list[Broken]] = {}
        for item in broken(project.deploy.before, project.deploy.after):
            gone = item.after.sqlstate in _GONE and item.after.table in told
            if item.after.kind in kinds and not gone:
                by_table.setdefault(item.after.table, []).append(item)
        steps = [each for each in upgraded(facts) if each.project is project]
        for table, items in by_table.items():
            at = culprit(steps, table, items[0])
            if at is not None:
                yield _finding(at, table, items, verb)


def _told(facts: Facts) -> set[str]:
    """Tables whose missing columns, or which themselves, other policies tell."""
    found = {item.table for item in renamed(facts)}
    for each in upgraded(facts):
        found |= {item.table for item in lost_columns(each)}
        found |= {item.table for item in lost_tables(each)}
    return found


def culprit(steps: Sequence[Upgraded], table: str, item: Broken) -> Ran | None:
    """The last statement on the table that can refuse and names what the message does.

    Without such a one the last that can refuse anything, else the last of all. A name of the
    message (a column, a constraint) counts before its other words, and the table's own name, which
    every statement has, does not.
    """
    touching = [
        each
        for step in steps
        for each in step.ran
        if any(table in {effect.table, effect.relation} for effect in each.effects)
    ]
    able = [each for each in touching if not _refuses_nothing(each)] or touching
    said = (item.after.message or "").split()
    own = {table, *table.split(".")}
    # "column orders.status does not exist", 'column "status" of relation "orders" does not exist'
    names = {word.strip('"').rpartition(".")[2] for word in said if word[0] == '"' or "." in word}
    words = {word.strip("\"'") for word in said if len(word) > _SHORT}
    for known in ({*names, *item.retyped} - own, words - own):
        named = [
            each for each in able if any(word and word in each.statement.sql for word in known)
        ]
        if named:
            return named[-1]
    return able[-1] if able else None


def _refuses_nothing(each: Ran) -> bool:
    """Whether it only makes a plain index, drops indexes, or changes rows: no rule, no type."""
    return bool(each.pieces) and all(
        (isinstance(piece.detail, CreateIndex) and not piece.detail.unique)
        or (isinstance(piece.detail, Drop) and piece.detail.object == "index")
        or isinstance(piece.detail, Modify)
        for piece in each.pieces
    )


def _finding(at: Ran, table: str, items: list[Broken], verb: str) -> Finding:
    model = items[0].after.model
    lines = "\n".join(
        f"- {_SHOWN[item.after.kind]} of {code(item.after.model)}: {code(item.reason)}"
        for item in items
    )
    sent = items[0].after.statement
    shown = f"\n\nIt sent:\n\n{block(sent, 'sql')}" if sent else ""
    return finding(
        at,
        title=f"The running release can no longer {verb} {code(table)}",
        message=f"The statements that the base branch's {code(model)} sends were run on the new "
        f"schema, on rows that both schemas accept. On the old schema they work:\n\n{lines}{shown}",
        about=table,
        tables=(table,),
        confidence=Confidence.OBSERVED,
        remedies=_remedies(items),
        count=len(items),
    )


def _remedies(items: list[Broken]) -> tuple[Remedy, ...]:
    later = Remedy(
        "Do it once the old release is gone",
        "Ship code that is content with both schemas first, and this revision in the release "
        "after it.",
        trade_off="One more release.",
    )
    if any(item.after.sqlstate == _NOT_NULL for item in items):
        given = Remedy(
            "Give the column a server default",
            "An INSERT that leaves the column out gets the default. One that writes NULL itself, "
            "as SQLAlchemy does for a nullable attribute that was not set, is still refused: "
            "set NOT NULL in the next release.",
        )
        return (given, later)
    return (later,)
