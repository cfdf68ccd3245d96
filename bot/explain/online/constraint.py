"""Constraints added without a long lock: NOT VALID first, the reading later and weakly locked."""

from __future__ import annotations

from collections.abc import Sequence

from bot.explain.code.op_code import (
    alter,
    autocommit,
    call,
    create_index,
    drop_leftover,
    on_table,
    steps,
    strings,
)
from bot.explain.names.names import python_string
from bot.explain.patch.changes import Change, after, replaced, with_keyword
from bot.explain.patch.patch import patched
from bot.explain.patch.plain_call import plain_call
from bot.explain.statements.ran import Ran
from bot.facts import Facts
from bot.facts.schema import by_search_path
from bot.policy import Remedy
from bot.sql import Action, AlterTable, Constraint, CreateIndex, IndexKey, Name, quoted
from bot.wording import code

VALIDATE_PRICE = (
    "New rows are checked from the first step on; old ones may break the rule until the second, "
    "which reads the table while everybody goes on reading and writing."
)
_SUFFIX = {"foreign key": "fkey", "check": "check", "unique": "key", "primary key": "pkey"}


def constraint_name(constraint: Constraint, relation: str) -> str:
    """The constraint's name, or the one that PostgreSQL would choose."""
    table = relation.rpartition(".")[2]
    columns = () if constraint.type == "primary key" else constraint.columns
    parts = [table, *columns, _SUFFIX.get(constraint.type, "constraint")]
    return constraint.name or "_".join(parts)


def add_not_valid(constraint: Constraint, relation: str) -> str:
    """The call that adds a foreign key or CHECK as NOT VALID."""
    name = constraint_name(constraint, relation)
    table, schema = on_table(relation)
    if constraint.type == "check":
        condition = python_string(constraint.expression or "")
        return call(
            "op.create_check_constraint",
            python_string(name),
            table,
            condition,
            **schema,
            postgresql_not_valid="True",
        )
    target = constraint.references
    other = python_string(target.name if target else "")
    keywords = {"source_schema": schema["schema"]} if schema else {}
    if target and target.schema and not by_search_path(target.schema):
        keywords["referent_schema"] = python_string(target.schema)
    if constraint.on_delete:
        keywords["ondelete"] = python_string(constraint.on_delete.upper())
    if constraint.on_update:
        keywords["onupdate"] = python_string(constraint.on_update.upper())
    if constraint.deferrable:
        keywords["deferrable"] = "True"
    if constraint.initially_deferred:
        keywords["initially"] = '"DEFERRED"'
    return call(
        "op.create_foreign_key",
        python_string(name),
        table,
        other,
        strings(constraint.columns),
        strings(constraint.referenced_columns or ("id",)),
        **keywords,
        postgresql_not_valid="True",
    )


def validate(relation: str, name: str) -> str:
    """``VALIDATE CONSTRAINT``, which takes SHARE UPDATE EXCLUSIVE."""
    return alter(relation, f"VALIDATE CONSTRAINT {quoted(name)}")


def constraints_of(ran: Ran) -> list[tuple[Action, Constraint]]:
    """The constraints that the statement adds, those of new columns included."""
    found = []
    for piece in ran.pieces:
        for action in piece.detail.actions if isinstance(piece.detail, AlterTable) else ():
            if action.constraint:
                found.append((action, action.constraint))
            if action.definition:
                found += [(action, item) for item in action.definition.constraints]
    return found


def not_valid_first(facts: Facts, ran: Ran, relation: str, constraint: Constraint) -> Remedy:
    """Add it NOT VALID now, validate it in a later revision."""
    name = constraint_name(constraint, relation)
    return Remedy(
        "Add it NOT VALID, and validate it in a later revision",
        steps(
            ("In this revision, an instant:", add_not_valid(constraint, relation)),
            ("In a revision of its own, deployed after it:", validate(relation, name)),
        ),
        VALIDATE_PRICE,
        _not_valid_patch(facts, ran, relation, constraint),
    )


def _not_valid_patch(facts: Facts, ran: Ran, relation: str, constraint: Constraint) -> str | None:
    """The same call as NOT VALID, and the validation right after it in a transaction of its own."""
    if constraint.name is None:
        return None
    checked = after(ran.line, autocommit(validate(relation, constraint.name)))
    for name in ("create_foreign_key", "create_check_constraint"):
        if plain_call(facts, ran, name):
            changed = with_keyword(ran.line, name, postgresql_not_valid="True")
            return patched(facts, ran.path, changed, checked)
    if plain_call(facts, ran, "execute"):
        added = add_not_valid(constraint, relation)
        return patched(facts, ran.path, replaced(ran.line, "execute", added), checked)
    return None


def not_null_by_check(facts: Facts, ran: Ran, relation: str, column: str) -> Remedy:
    """CHECK NOT VALID, VALIDATE, SET NOT NULL, drop the CHECK."""
    name = f"{relation.rpartition('.')[2]}_{column}_not_null"
    table, schema = on_table(relation)
    proof = Constraint("check", name, expression=f"{quoted(column)} IS NOT NULL")
    add = add_not_valid(proof, relation)
    not_null = call("op.alter_column", table, python_string(column), nullable="False", **schema)
    drop = call("op.drop_constraint", python_string(name), table, **schema)
    return Remedy(
        "Prove it with a validated CHECK first: SET NOT NULL then reads nothing",
        steps(
            ("In this revision, an instant:", add),
            (
                "In a revision of its own, deployed after it (the validated CHECK saves the scan):",
                "\n".join([autocommit(validate(relation, name)), not_null, drop]),
            ),
        ),
        VALIDATE_PRICE,
        _not_null_patch(facts, ran, [add, autocommit(validate(relation, name)), not_null, drop]),
    )


def _not_null_patch(facts: Facts, ran: Ran, lines: Sequence[str]) -> str | None:
    made = plain_call(facts, ran, "alter_column")
    known = {"nullable", "existing_type", "existing_nullable", "schema", "existing_server_default"}
    if made is None or not set(made.keywords) <= known:
        return None
    changes: list[Change] = [replaced(ran.line, "alter_column", "\n".join(lines))]
    return patched(facts, ran.path, *changes)


def using_index(facts: Facts, ran: Ran, relation: str, constraint: Constraint) -> Remedy:
    """A concurrent unique index first, then the constraint on top of it."""
    name = constraint_name(constraint, relation)
    keys = tuple(IndexKey(quoted(column), column) for column in constraint.columns)
    index = CreateIndex(name, Name(relation), "btree", keys, unique=True)
    kind = constraint.type.upper()
    build = autocommit(drop_leftover(relation, name), create_index(index, relation))
    action = f"ADD CONSTRAINT {quoted(name)} {kind} USING INDEX {quoted(name)}"
    if constraint.deferrable:
        action += " DEFERRABLE" + (" INITIALLY DEFERRED" if constraint.initially_deferred else "")
    attach = alter(relation, action)
    required = ""
    if constraint.type == "primary key":
        required = (
            f" Make {code(', '.join(constraint.columns))} NOT NULL beforehand (by a validated "
            "CHECK), or this step reads the whole table for that."
        )
    return Remedy(
        "Build the unique index concurrently, then make the constraint of it",
        steps(
            ("In this revision:", build),
            (f"In the next one, an instant.{required}", attach),
        ),
        "Between the two steps the index enforces the rule already. A failed build leaves an "
        "invalid index, which the first line removes on the next attempt.",
        _using_index_patch(facts, ran, constraint, [build, attach]),
    )


def _using_index_patch(
    facts: Facts, ran: Ran, constraint: Constraint, lines: Sequence[str]
) -> str | None:
    if constraint.type != "unique" or constraint.name is None or not constraint.columns:
        return None
    for name in ("create_unique_constraint", "execute"):
        if plain_call(facts, ran, name):
            return patched(facts, ran.path, replaced(ran.line, name, "\n".join(lines)))
    return None
