"""What to do about rows that a step does not bear: count them, change them, ask less of them."""

from __future__ import annotations

from bot.explain.code.op_code import call, on_table, steps
from bot.explain.failures.failure import cure
from bot.explain.failures.offenders import Offenders, offenders, sides
from bot.explain.names.commands import commands
from bot.explain.names.names import execute, python_string, sql_name
from bot.facts import ChangedRevision, Direction, Project
from bot.facts.rows import Refusal, Trait
from bot.facts.schema import Column
from bot.policy import Remedy
from bot.sql import quoted
from bot.wording import block

_NOT_NULL, _UNIQUE = "23502", "23505"  # PostgreSQL docs, Appendix A
_IN_USE = "55006"  # object_in_use: pending trigger events among others


def remedies(project: Project, item: ChangedRevision, refusal: Refusal) -> tuple[Remedy, ...]:
    """How to count such rows where that can be said, and how to get past them."""
    column = _new_column(project, refusal)
    if column is not None and refusal.table and refusal.trait is Trait.ANY:
        if refusal.failure.sqlstate == _NOT_NULL:
            return _filled(refusal.table, column)
        if refusal.failure.sqlstate == _UNIQUE:
            return (_told_apart(refusal.table, column),)
    found = offenders(project, item, refusal) if refusal.trait is not Trait.ANY else None
    if found is not None:
        return (_count(found, refusal), _changed_first(project, found, refusal))
    if refusal.failure.sqlstate == _IN_USE:
        return _settled()
    return (cure(refusal.failure) or _see_it(item, refusal),)


def _count(found: Offenders, refusal: Refusal) -> Remedy:
    note = f"\n\n{found.note}" if found.note else ""
    return Remedy(
        "Count such rows on the database that has them",
        block(found.count, "sql") + note,
        f"True for the moment: what is written until the {refusal.direction.value} may be of that"
        " kind again.",
    )


def _new_column(project: Project, refusal: Refusal) -> Column | None:
    """The column that the step adds and the failure is about, if it is one."""
    before, after = sides(project, refusal)
    name = refusal.table or ""
    old, new = (side.table(name) if side else None for side in (before, after))
    if old is None or new is None or len(refusal.columns) != 1:
        return None
    return new.column(refusal.columns[0]) if old.column(refusal.columns[0]) is None else None


def _filled(table: str, column: Column) -> tuple[Remedy, ...]:
    """A column that is NOT NULL, with a value for the rows that are there."""
    literal, schema = on_table(table)
    target, name = sql_name(table), quoted(column.name)
    add = f"ALTER TABLE {target} ADD COLUMN {name} {column.type.name}"
    bind = call("op.alter_column", literal, python_string(column.name), nullable="False", **schema)
    return (
        Remedy(
            "Give the rows that are there a value with the column",
            block(execute(f"{add} NOT NULL DEFAULT …"), "python"),
            "A constant default takes an instant. It also serves a release that writes rows "
            "without knowing the column.",
        ),
        Remedy(
            "Add it nullable, fill it, then make it NOT NULL",
            steps(
                ("First:", execute(add)),
                ("The rows that are there, in batches if there are many:", _update(table, column)),
                ("Last:", bind),
            ),
            "Rows that are written between the steps may hold NULL.",
        ),
    )


def _told_apart(table: str, column: Column) -> Remedy:
    """A new unique column: one default cannot serve two rows."""
    literal, schema = on_table(table)
    bare = table.rpartition(".")[2]
    unique = call(
        "op.create_unique_constraint",
        python_string(f"uq_{bare}_{column.name}"[:63]),
        literal,
        f"[{python_string(column.name)}]",
        **schema,
    )
    add = f"ALTER TABLE {sql_name(table)} ADD COLUMN {quoted(column.name)} {column.type.name}"
    return Remedy(
        "Give every row a value of its own before the constraint",
        steps(
            ("Without a default, so that old rows hold NULL, which is no duplicate:", execute(add)),
            ("A value for each row, from what tells them apart already:", _update(table, column)),
            ("Last:", unique),
        ),
        "Many rows are better filled in batches, in a revision of their own.",
    )


def _update(table: str, column: Column) -> str:
    return execute(f"UPDATE {sql_name(table)} SET {quoted(column.name)} = …")


def _changed_first(project: Project, found: Offenders, refusal: Refusal) -> Remedy:
    """Rows of that kind changed before the statement that does not bear them."""
    target = sql_name(found.table)
    back = refusal.direction is Direction.DOWNGRADE
    if not found.keys:
        changed = ", ".join(f"{quoted(name)} = …" for name in refusal.columns) or "… = …"
        return Remedy(
            "Change such rows before the statement",
            block(execute(f"UPDATE {target} SET {changed} WHERE {found.condition}"), "python"),
            "What those rows held is not kept."
            if back
            else "It locks the rows that it changes until the transaction ends; many of them are "
            "better changed in batches, in a revision before this one.",
        )
    before, _ = sides(project, refusal)
    table = before.table(found.table) if before else None
    key = table.primary_key if table else None
    own = quoted(key.columns[0]) if key and len(key.columns) == 1 else "ctid"
    where = f" WHERE {found.condition}" if found.condition else ""
    delete = (
        f"DELETE FROM {target} WHERE {own} IN (SELECT {own} FROM (SELECT {own}, row_number()"
        f" OVER (PARTITION BY {', '.join(found.keys)} ORDER BY {own}) AS place"
        f" FROM {target}{where}) AS numbered WHERE place > 1)"
    )
    return Remedy(
        "Decide which of them stays, and change the others before the statement"
        if back
        else "Decide which of them stays, and change the others in a revision before this one",
        "Merge them in the application's terms, so that what refers to them follows. Where "
        "the first one will do:\n\n" + block(execute(delete), "python"),
        "What the new release wrote into the others is gone."
        if back
        else "Deleted rows do not come back with a downgrade.",
    )


def _settled() -> tuple[Remedy, ...]:
    """Deferred constraints that rows of this transaction still have to pass."""
    return (
        Remedy(
            "Change the rows in a revision of their own",
            "PostgreSQL alters no table whose rows were changed in the same transaction while a "
            "deferred constraint has yet to look at them. Two revisions are two transactions where "
            "env.py sets `transaction_per_migration=True`.",
            "Each of the two has to work with the other undone.",
        ),
        Remedy(
            "Or have the constraints checked before the table is altered",
            block(execute("SET CONSTRAINTS ALL IMMEDIATE"), "python"),
            "The table stays shut while the rows are changed and checked.",
        ),
    )


def _see_it(item: ChangedRevision, refusal: Refusal) -> Remedy:
    below = "".join(item.down_revision[:1]) or "base"
    here, there = ("upgrade", below), ("upgrade", item.revision)
    if refusal.direction is Direction.DOWNGRADE:
        here, there = there, ("downgrade", below)
    return Remedy(
        "See it fail on a scratch database that holds rows, then correct the line",
        commands(("alembic", *here))
        + "\n\nPut rows of the kind that you have into the tables, NULLs and empty values "
        "included, then:\n\n" + commands(("alembic", *there)),
        "Name a file with such rows in `seed-sql`, and every review runs on them.",
    )
