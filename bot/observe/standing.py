"""What hangs on the tables and what keeps their rows apart, tried before and after the upgrade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.facts import Direction, Project, Revision
from bot.facts.schema import Schema, Table
from bot.facts.trials import Trials
from bot.observe.branches import newly_wrong
from bot.observe.exercise import Outcome, broken, used
from bot.observe.isolation import isolated
from bot.observe.plpgsql_check import looked_at
from bot.observe.rows import Ground, RowsOptions
from bot.observe.rows.fill import Order
from bot.observe.rows.json_looks import looks_at_base
from bot.observe.rows.reach import reached
from bot.observe.rows.trial import Trial
from bot.observe.unseen import Unseen
from bot.observe.unset import unset
from bot.sql.queries import settings

_ROWS = 12  # enough for two tenants with several rows each
_MEND = "Nothing for the schema itself: see what the message says of the database."


def tried(
    ground: Ground,
    options: RowsOptions,
    project: Project,
    order: Sequence[Revision],
    unseen: Unseen,
) -> Project:
    """The project with what was tried; as it is where nothing of that kind is there."""
    from psycopg import Error

    base, head = project.base_schema, project.schema
    if base is None or head is None or not order or base == head:
        return project
    hangs = _hangs(base) and _hangs(head)
    kept = _secured(head, base, options.tenants) if options.rows else []
    asks = bool(options.rows) and any(_asks(table, head) for table in head.tables)
    if not (hangs or kept or asks):
        return project
    trial = Trial(ground, ground.clone())
    try:
        tables = reached(base, (item.round_trip for item in project.revisions)).tables
        if options.rows:
            looks = looks_at_base(project, lambda: project.models)
            trial.fill(Order(base, head, tables, _ROWS, looks=looks))
        read = looked_at(ground.server, trial, base) if hangs else {}
        before = _used(trial, base) if hangs else {}
        if any(trial.run(Direction.UPGRADE, each).failure is not None for each in order):
            return project  # on rows or without: the trips tell
        wrong = tuple(newly_wrong(read, looked_at(ground.server, trial, head))) if read else ()
        failing = tuple(broken(before, _used(trial, head), wrong)) if hangs else ()
        found = Trials((*wrong, *failing))
        if kept or asks:
            found = _apart(trial, found, head, base, kept)
        for item in found.isolation:
            if item.reason:
                unseen.minor(f"the row security of {item.table}", item.reason, _TRY)
        return replace(project, trials=found)
    except Error as error:
        unseen.minor("what hangs on the tables", str(error).strip(), _MEND)
        return project
    finally:
        trial.end()


_TRY = "Read a row of another tenant in a session of an ordinary role, by hand."


def _used(trial: Trial, schema: Schema) -> Outcome:
    with trial.as_owner() as connection:
        return used(connection, schema)


def _apart(
    trial: Trial,
    found: Trials,
    head: Schema,
    base: Schema,
    kept: list[tuple[Table, str]],
) -> Trials:
    """Rows for the tables that are new, too, then what an ordinary role reaches of them."""
    changed = {table.full_name for table in head.tables} - {
        table.full_name for table in base.tables if table in head.tables
    }
    wanted = {table.full_name for table, _ in kept} | changed
    trial.fill(Order(head, head, _with_parents(head, wanted), _ROWS, keep=True))
    with trial.as_owner() as connection:
        missing = tuple(unset(connection, head, base))
    with trial.as_owner() as connection:
        reach = tuple(isolated(connection, head, kept))
    return replace(found, isolation=reach, unset=missing)


def _with_parents(schema: Schema, names: set[str]) -> tuple[str, ...]:
    waiting, found = list(names), set(names)
    while waiting:
        table = schema.table(waiting.pop())
        for key in table.foreign_keys if table else ():
            if key.references and key.references not in found:
                found.add(key.references)
                waiting.append(key.references)
    return tuple(table.full_name for table in schema.tables if table.full_name in found)


def _hangs(schema: Schema) -> bool:
    tables = schema.tables
    attached = any(table.triggers or table.policies for table in tables)
    return bool(schema.views or schema.functions) or attached


def _secured(head: Schema, base: Schema, tenants: tuple[str, ...]) -> list[tuple[Table, str]]:
    """Tables whose row security or isolating column the change made or altered."""
    known = {table.full_name: table for table in base.tables}
    found = []
    for table in head.tables:
        column = next((name for name in tenants if table.column(name)), None)
        old = known.get(table.full_name)
        same = old and (old.policies, old.row_security, old.columns) == (
            table.policies, table.row_security, table.columns
        )  # fmt: skip
        if table.row_security and table.policies and column and not same and not table.partition_of:
            found.append((table, column))
    return found


def _asks(table: Table, schema: Schema) -> bool:
    """Whether something of the table may ask for a setting."""
    texts = [item for policy in table.policies for item in (policy.using, policy.check) if item]
    texts += [column.default for column in table.columns if column.default]
    names = {trigger.function for trigger in table.triggers}
    texts += [f.definition for f in schema.functions if f.signature.partition("(")[0] in names]
    return any(not item.missing_ok for text in texts for item in settings(text))
