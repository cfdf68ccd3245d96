"""The user's rows in a trial's tables, and what could not be taken of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.observe.rows.dump import Unreadable, located, pg_restore, script
from bot.observe.rows.fill import Order
from bot.observe.rows.options import RowsOptions
from bot.observe.rows.seed import run
from bot.observe.rows.trial import Trial

_TOLD = 3  # faults of one file


@dataclass(frozen=True)
class Seeded:
    """The files that were run, how many rows each table got, and what was left out, why."""

    files: tuple[str, ...] = ()
    tables: Mapping[str, int] = field(default_factory=dict)
    faults: tuple[tuple[str, str], ...] = ()


def seeded(trial: Trial, options: RowsOptions, order: Order) -> Seeded:
    """Run the files of ``seed-sql`` on the trial's clone, with the rights of the target's code."""
    before = trial.counts(order.base.tables)
    files, faults = [], []
    for name in options.seeds:
        try:
            text = script(located(name, options.folders), pg_restore(options.path))
        except Unreadable as error:
            faults.append((name, str(error)))
            continue
        with trial.as_owner() as connection:
            found = run(connection, text)
        files.append(name)
        told = [f"line {fault.line}: {fault.reason}" for fault in found[:_TOLD]]
        if len(found) > _TOLD:
            told.append(f"{len(found) - _TOLD} more statements")
        if told:
            faults.append((name, f"left out: {'; '.join(told)}"))
    after = trial.counts(order.base.tables)
    tables = {table: count for table, count in after.items() if count > before.get(table, 0)}
    return Seeded(tuple(files), tables, tuple(faults))
