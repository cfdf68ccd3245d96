"""What a round trip did not bring back, in words, and ways to keep it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.explain.code.op_code import call, on_table, steps
from bot.explain.names.names import execute, own_name, python_string, sql_name
from bot.facts import ChangedRevision, Project
from bot.facts.rows import Loss
from bot.policy import Remedy
from bot.sql import quoted
from bot.wording import block, code, several


def summed_up(loss: Loss) -> str:
    """One loss as a line of Markdown: the table, how many of its rows, one example."""
    written = " written after the upgrade" if loss.later else ""
    if loss.odd:
        written = " with values that only the old type or constraint allows"
    parts = []
    changed = loss.rows - loss.gone
    if loss.gone:
        parts.append(f"{_rows(loss.gone)}{written} {'is' if loss.gone == 1 else 'are'} gone")
    if changed and loss.columns:
        verb = "holds" if changed == 1 else "hold"
        columns = several(loss.columns)
        parts.append(f"{_rows(changed)}{written} {verb} something else in {columns}")
    example = ""
    if loss.columns and loss.before is not None:
        example = f", for example {_value(loss.after)} instead of {_value(loss.before)}"
    return f"{code(loss.table)} ({_rows(loss.compared)}): {' and '.join(parts)}{example}"


def kept(project: Project, item: ChangedRevision, losses: Sequence[Loss]) -> tuple[Remedy, ...]:
    """How to keep it: for columns that are dropped and made anew, else in words."""
    dropped = {
        (each.table, own_name(each))
        for each in item.round_trip.upgrade.changed
        if each.kind == "column" and each.after is None
    }
    columns = [
        (loss.table, name)
        for loss in losses
        for name in loss.columns
        if (loss.table, name) in dropped
    ]
    if all(loss.later for loss in losses):
        return (_left_alone(losses[0]),)
    if not columns:
        return (_by_hand(losses),)
    table, name = columns[0]
    return (_left_in_place(project, table, name), _copied(project, table, name))


def _left_in_place(project: Project, table: str, name: str) -> Remedy:
    known = project.base_schema.table(table) if project.base_schema else None
    column = known.column(name) if known else None
    literal, schema = on_table(table)
    own = python_string(name)
    text = (
        "Leave the drop out of this revision: the way back then finds the values where they were."
    )
    if column is not None and not column.nullable and column.default is None:
        loose = call("op.alter_column", literal, own, nullable="True", **schema)
        bound = call("op.alter_column", literal, own, nullable="False", **schema)
        text = "So that rows can be written without it:\n\n" + steps(
            ("In the upgrade:", loose), ("In the downgrade:", bound)
        )
    return Remedy(
        "Leave it in place for one release, and drop it in the next",
        text,
        "The space is given back with the later drop; until then a rollback loses nothing.",
    )


def _left_alone(loss: Loss) -> Remedy:
    keep = execute(f"UPDATE {sql_name(loss.table)} SET … WHERE …")
    return Remedy(
        "Let the downgrade keep rows that were written meanwhile",
        "They are what people entered while the release ran. Make of them what the old schema can "
        "hold, instead of deleting them:\n\n" + block(keep, "python"),
        "What only the new schema can say of them is lost all the same.",
    )


def _copied(project: Project, table: str, name: str) -> Remedy:
    known = project.base_schema.table(table) if project.base_schema else None
    key = known.primary_key if known else None
    keys = key.columns if key else ("…",)
    aside = f"{table}_{name}_kept"
    target, copy = sql_name(table), sql_name(aside)
    listed = ", ".join(map(quoted, keys)) if key else "…"
    same = " AND ".join(f"kept.{quoted(item)} = {target}.{quoted(item)}" for item in keys)
    save = execute(f"CREATE TABLE {copy} AS SELECT {listed}, {quoted(name)} FROM {target}")
    restore = execute(
        f"UPDATE {target} SET {quoted(name)} = kept.{quoted(name)} FROM {copy} AS kept WHERE {same}"
    )
    drop = execute(f"DROP TABLE {copy}")
    return Remedy(
        "Or copy it aside, and put it back in the downgrade",
        steps(
            ("In the upgrade, before the column goes:", save),
            ("In the downgrade, once the column is there again:", f"{restore}\n{drop}"),
        ),
        "The copy reads the whole table while the upgrade runs, and has to be dropped in the end.",
    )


def _by_hand(losses: Sequence[Loss]) -> Remedy:
    first = losses[0]
    what = f"{first.table}.{first.columns[0]}" if first.columns else first.table
    aside = execute(
        f"CREATE TABLE {sql_name(f'{first.table}_kept')} AS TABLE {sql_name(first.table)}"
    )
    return Remedy(
        f"Keep what {code(what)} held where the downgrade finds it",
        "In the upgrade, before its values change:\n\n"
        + block(aside, "python")
        + "\n\nand let the downgrade put them back from there.",
        "The copy takes time and space; drop it in a later release.",
    )


def _value(text: str | None) -> str:
    if text is None:
        return "NULL"
    return code(text) if text.strip() else "an empty text"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"
