"""A foreign key with another ON DELETE, in complete code."""

from __future__ import annotations

from bot.explain.code.alembic_code import create_foreign_key, drop_constraint
from bot.explain.names.names import execute, sql_name
from bot.explain.schema.new_objects import New
from bot.explain.schema.origin import Origin
from bot.facts.relation import Constraint
from bot.facts.schema import Table
from bot.policy import Remedy
from bot.sql import quoted
from bot.wording import block, code

_MEANS = {
    "RESTRICT": (
        "Refuse to delete the parent",
        "Whoever deletes has to remove the children first.",
    ),
    "CASCADE": (
        "Delete the children with the parent",
        "One DELETE may remove many rows, in this table and in those that refer to it.",
    ),
    "SET NULL": ("Keep the child without its parent", "Readers have to expect NULL."),
}


def foreign_key_remedy(made: Origin, new: New[Constraint], *actions: str) -> tuple[Remedy, ...]:
    """One remedy for each of these ON DELETE actions.

    A key of the change is written so from the start; one that base has is replaced, NOT VALID
    first, so that the table is not read under a lock.
    """
    return tuple(_remedy(made, new, action) for action in actions)


def _remedy(made: Origin, new: New[Constraint], action: str) -> Remedy:
    title, price = _MEANS[action]
    table, key = new.table, new.thing
    if new.before is None:
        return Remedy(
            f"{title}: {code(f'ON DELETE {action}')}",
            f'In {code(made.revision.revision)} and in the model, `ondelete="{action}"`:\n\n'
            + block(_create(table, key, action), "python"),
            trade_off=price,
        )
    text = f"{drop_constraint(table, key)}\n{written_foreign_key(new, action)}"
    return Remedy(f"{title}: {code(f'ON DELETE {action}')}", block(text, "python"), price)


def _create(table: Table, key: Constraint, action: str) -> str:
    return create_foreign_key(
        table, key.name, key.columns, key.references or "", key.referenced, action
    )


def written_foreign_key(new: New[Constraint], on_delete: str) -> str:
    """``op.execute`` of the key with that action, in SQL.

    On a table that base has it trusts the rows that are there; a later revision checks them.
    """
    table, key = new.table, new.thing
    mine = ", ".join(quoted(name) for name in key.columns)
    theirs = ", ".join(quoted(name) for name in key.referenced)
    head = f"ALTER TABLE {sql_name(table.full_name)}"
    parent = sql_name(key.references or "")
    add = (
        f"{head} ADD CONSTRAINT {quoted(key.name)} FOREIGN KEY ({mine})\n"
        f"    REFERENCES {parent} ({theirs}) ON DELETE {on_delete}"
    )
    if new.base is None:
        return execute(add)
    check = execute(f"{head} VALIDATE CONSTRAINT {quoted(key.name)}")
    return f"{execute(f'{add} NOT VALID')}\n# in the next revision:\n{check}"
