"""The change at production's sizes: what its statements cost, how the named queries are planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.facts import Project, Revision
from bot.observe.costs import measured
from bot.observe.plans import planned
from bot.observe.rows import Ground, RowsOptions
from bot.observe.stated import Stated
from bot.observe.unseen import Unseen


def at_sizes(
    ground: Ground,
    stated: Stated,
    options: RowsOptions,
    project: Project,
    order: Sequence[Revision],
    unseen: Unseen,
) -> Project:
    """The project with both. What fails of it is told in ``unseen`` and never fails the check."""
    costs = measured(ground, stated.large, project, order, unseen, options)
    plans = planned(ground, stated, project, order, unseen, options)
    return replace(project, measured=costs, plans=plans)
