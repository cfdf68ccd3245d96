"""What PostgreSQL's documentation says that ALTER TABLE locks, reads and writes.

Source: PostgreSQL docs, "ALTER TABLE", whose Description gives each form's lock and whose Notes say
what scans and what rewrites.
"""

from __future__ import annotations

from dataclasses import replace

from bot.explain.statements.standing import Standing
from bot.facts import Effect
from bot.facts.locks import ACCESS_EXCLUSIVE, SHARE_ROW_EXCLUSIVE, SHARE_UPDATE_EXCLUSIVE
from bot.sql import Action, AlterTable, Column, Constraint, Name

_SHARE_UPDATE = (
    "validate constraint", "set statistics", "cluster on", "drop cluster", "attach partition",
    "set options", "reset options", "set storage parameters", "reset storage parameters",
)  # fmt: skip
_SHARE_ROW = ("enable trigger", "disable trigger")
_WORK = {  # whether it scans, whether it rewrites, and whether that is sure
    "validate constraint": (True, False, True),
    "set not null": (True, False, False),  # a validated CHECK would save the scan
    "alter column type": (True, True, False),  # a binary-compatible type would save both
    "set logged": (True, True, True),
    "set unlogged": (True, True, True),
    "set tablespace": (True, True, True),
    "set access method": (True, True, True),
}
_VOLATILE = (
    "random", "random_normal", "gen_random_uuid", "uuidv4", "uuidv7", "clock_timestamp",
    "timeofday", "nextval", "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4",
    "gen_random_bytes", "gen_salt", "txid_current",
)  # fmt: skip
_STABLE = (
    "now", "transaction_timestamp", "statement_timestamp", "timezone", "to_jsonb",
    "jsonb_build_object", "lower", "upper", "concat", "date_trunc", "to_timestamp",
    "make_interval", "coalesce",
    "json_build_object", "json_build_array", "jsonb_build_array", "current_setting", "md5",
)  # fmt: skip


def altered(alter: AlterTable, standing: Standing) -> tuple[list[Effect], bool]:
    """The effects of an ALTER TABLE, and whether they are sure."""
    if alter.object not in ("table", "materialized view", "foreign table"):
        return [], True
    relation = standing.relation(alter.table)
    existed = standing.existed(relation)
    known = standing.table(relation)
    main = Effect(relation, known.kind if known else "table", relation, existed)
    others: list[Effect] = []
    sure = True
    for action in alter.actions:
        mode, more = _mode(action, standing)
        main = replace(main, locks=tuple(dict.fromkeys((*main.locks, mode))))
        main, certain = _worked(main, action)
        others += more
        others += _index(main, action)
        sure = sure and certain
    return [main, *others], sure


def _mode(action: Action, standing: Standing) -> tuple[str, list[Effect]]:
    """The mode on the table itself, and what is locked beside it."""
    if action.kind in ("attach partition", "detach partition") and action.partition:
        parent = ACCESS_EXCLUSIVE
        if action.concurrently or action.kind == "attach partition":
            parent = SHARE_UPDATE_EXCLUSIVE
        scanned = action.kind == "attach partition"
        own = SHARE_UPDATE_EXCLUSIVE if action.concurrently else ACCESS_EXCLUSIVE
        return parent, [_beside(action.partition, own, standing, scanned=scanned)]
    constraint = action.constraint
    if constraint and constraint.type == "foreign key" and constraint.references:
        other = _beside(constraint.references, SHARE_ROW_EXCLUSIVE, standing)
        scanned = not constraint.not_valid
        return SHARE_ROW_EXCLUSIVE, [replace(other, scanned=scanned)]
    if action.kind in _SHARE_UPDATE:
        return SHARE_UPDATE_EXCLUSIVE, []
    if action.kind in _SHARE_ROW:
        return SHARE_ROW_EXCLUSIVE, []
    return ACCESS_EXCLUSIVE, []


def _beside(name: Name, mode: str, standing: Standing, *, scanned: bool = False) -> Effect:
    relation = standing.relation(name)
    existed = standing.existed(relation)
    return Effect(relation, "table", relation, existed, (mode,), scanned=scanned)


def _worked(effect: Effect, action: Action) -> tuple[Effect, bool]:
    """The table with what the action reads and writes of it, and whether that is sure."""
    scans, rewrites, sure = _WORK.get(action.kind, (False, False, True))
    if action.constraint is not None:
        scans = not action.constraint.not_valid and not action.constraint.using_index
    if action.definition is not None:
        rewrites, sure = _fills(action.definition)
    return replace(
        effect,
        scanned=effect.scanned or scans or rewrites,
        rewritten=effect.rewritten or rewrites,
    ), sure


def _fills(column: Column) -> tuple[bool, bool]:
    """Whether a new column is written into every row, and whether that is sure."""
    if column.serial or column.identity or column.generated == "stored":
        return True, True
    if column.default is None or column.default.constant:
        return False, True
    called = {name.rpartition(".")[2] for name in column.default.functions}
    if called & set(_VOLATILE):
        return True, True
    return False, called <= set(_STABLE)


def _index(table: Effect, action: Action) -> list[Effect]:
    """The index behind a new key."""
    constraint = action.constraint or _key(action.definition)
    if constraint is None or constraint.using_index:
        return []
    if constraint.type not in ("unique", "primary key", "exclude"):
        return []
    schema, _, name = table.relation.rpartition(".")
    chosen = constraint.name or f"{name}_{'pkey' if constraint.type == 'primary key' else 'key'}"
    return [
        Effect(
            relation=f"{schema}.{chosen}",
            kind="index",
            table=table.relation,
            existed=False,
            created=True,
            constraint=True,
        )
    ]


def _key(column: Column | None) -> Constraint | None:
    keys = [item for item in (column.constraints if column else ()) if item.type != "check"]
    return next((item for item in keys if item.type in ("unique", "primary key")), None)
