"""Which of the runs on a commit is this program's. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.github import WorkflowRun

NAMED = "db-recheck"
"""Workflow files that start a review carry this in their name (docs/github.md)."""


def own_run(runs: Sequence[WorkflowRun], workflow: str) -> WorkflowRun | None:
    """The newest run of the same workflow file, else of one that is named after this program.

    ``runs`` come newest first; ``workflow`` is the path of the file that asks.
    """
    same = [run for run in runs if _file(run) == workflow]
    named = [run for run in runs if NAMED in _file(run).rpartition("/")[2]]
    return next(iter(same or named), None)


def _file(run: WorkflowRun) -> str:
    return run.path.partition("@")[0]
