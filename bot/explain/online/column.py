"""Columns that get another type, a default or a sequence without the table being written anew."""

from __future__ import annotations

from bot.explain.code.batches import PRICE, in_batches
from bot.explain.code.op_code import alter, beside, call, on_table, steps, text
from bot.explain.names.names import execute, python_string, sql_name
from bot.explain.statements.ran import Ran
from bot.policy import Remedy
from bot.sql import Action, AlterTable, Column, Modify, Name, quoted
from bot.wording import block, code


def rewriting(ran: Ran, relation: str) -> tuple[Remedy, ...]:
    """The ways round what wrote the table anew, by the sub-command that did."""
    actions = [
        action
        for piece in ran.pieces
        if isinstance(piece.detail, AlterTable)
        for action in piece.detail.actions
    ]
    found = [remedy for action in actions for remedy in _way_round(ran, relation, action)]
    return tuple(found) or (_otherwise(relation),)


def _way_round(ran: Ran, relation: str, action: Action) -> list[Remedy]:
    match action.kind:
        case "alter column type" if action.column and action.type:
            return [_new_type(ran, relation, action.column, action.type, action.using)]
        case "add column" if action.definition:
            return _new_column(ran, relation, action.definition)
        case "set logged" | "set unlogged" | "set tablespace" | "set access method":
            return [_otherwise(relation)]
        case _:
            return []


def _otherwise(relation: str) -> Remedy:
    return Remedy(
        "Rewrite it outside the migration, while it is used",
        f"`pg_repack` (an extension and a program of its own) copies {code(relation)} beside "
        "itself, follows the changes and swaps the two in an instant:\n\n"
        + block(f"pg_repack --table {sql_name(relation)}", "sh"),
        "It needs about the table's size in free space, and a primary key.",
    )


def _new_type(ran: Ran, relation: str, column: str, type_: str, using: str | None) -> Remedy:
    """Expand, copy, contract."""
    new, old = f"{column}_new", f"{column}_old"
    table = sql_name(relation)
    short = relation.rpartition(".")[2]
    value = using or f"{quoted(column)}::{type_}"
    assigned = value.replace(quoted(column), f"NEW.{quoted(column)}", 1)
    function = beside(relation, f"{short}_{new}")
    keep = (
        f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$\n"
        f"BEGIN NEW.{quoted(new)} := {assigned}; RETURN NEW; END $$"
    )
    trigger = (
        f"CREATE TRIGGER {quoted(f'{short}_{new}')} BEFORE INSERT OR UPDATE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}()"
    )
    copy = Modify(
        "update", Name(relation), f"{quoted(new)} IS DISTINCT FROM {value}", restricts=True
    )
    expand = [
        alter(relation, f"ADD COLUMN {quoted(new)} {type_}"),
        execute(keep),
        execute(trigger),
    ]
    contract = [
        execute(f"DROP TRIGGER {quoted(f'{short}_{new}')} ON {table}"),
        execute(f"DROP FUNCTION {function}()"),
        alter(relation, f"RENAME COLUMN {quoted(column)} TO {quoted(old)}"),
        alter(relation, f"RENAME COLUMN {quoted(new)} TO {quoted(column)}"),
    ]
    change = f"UPDATE {table} SET {quoted(new)} = {value}"
    filled = in_batches(ran.project, relation, copy, change)
    return Remedy(
        "Expand, copy, contract: a column of the new type takes over the name",
        steps(
            ("Revision 1, an instant: the new column, kept up by a trigger.", "\n".join(expand)),
            ("Revision 2: the old rows, in batches.", filled),
            ("Revision 3, an instant: the names change places.", "\n".join(contract)),
        )
        + f"\n\nNOT NULL, indexes, keys and the default of {code(column)} are made anew on the new "
        "column before the swap. The old one goes in a later release, once nothing reads it.",
        "Three deployments instead of one, and twice the column's space until the last.",
    )


def _new_column(ran: Ran, relation: str, column: Column) -> list[Remedy]:
    if column.generated == "stored":
        return _generated(ran, relation, column)
    name, sql = quoted(column.name), sql_name(relation)
    value = column.default.sql if column.default else ""
    first = [alter(relation, f"ADD COLUMN {name} {column.serial or column.type}")]
    if column.serial or column.identity:
        sequence = beside(relation, f"{relation.rpartition('.')[2]}_{column.name}_seq")
        value = f"nextval('{sequence}'::regclass)"
        first.append(execute(f"CREATE SEQUENCE {sequence} OWNED BY {sql}.{name}"))
    table, schema = on_table(relation)
    literal = python_string(column.name)
    first.append(call("op.alter_column", table, literal, server_default=text(value), **schema))
    fill = in_batches(
        ran.project, relation, _unfilled(relation, column), f"UPDATE {sql} SET {name} = {value}"
    )
    done = " Then make it NOT NULL by way of a validated CHECK." if column.not_null else ""
    return [
        Remedy(
            "Add the column bare, then set its default, then fill the old rows in batches",
            steps(
                ("In this revision, an instant (new rows get the default):", "\n".join(first)),
                (f"In a later revision, the old rows.{done}", fill),
            ),
            f"{PRICE} Until it is done, old rows hold NULL.",
        )
    ]


def _unfilled(relation: str, column: Column) -> Modify:
    where = f"{quoted(column.name)} IS NULL"
    return Modify("update", Name(relation), where, restricts=True)


def _generated(ran: Ran, relation: str, column: Column) -> list[Remedy]:
    name, sql = quoted(column.name), sql_name(relation)
    virtual = f"ADD COLUMN {name} {column.type} GENERATED ALWAYS AS ({column.expression}) VIRTUAL"
    change = f"UPDATE {sql} SET {name} = {column.expression}"
    fill = in_batches(ran.project, relation, _unfilled(relation, column), change)
    return [
        Remedy(
            "Compute it when it is read: a virtual column (PostgreSQL 18), or a view",
            block(alter(relation, virtual), "python"),
            "It takes no space and no rewrite; every read computes it, and it has no index.",
        ),
        Remedy(
            "Make it a plain column that a trigger fills, and fill the old rows in batches",
            steps(
                ("An instant:", alter(relation, f"ADD COLUMN {name} {column.type}")),
                ("In a later revision, with the trigger in place:", fill),
            ),
            PRICE,
        ),
    ]
