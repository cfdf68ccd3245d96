"""Alembic could not load a revision file.

Alembic loads every revision file for every command: one that does not load stops all of them, on
every installation, also for revisions that have nothing to do with it.

Correct the line at fault. A file that is no revision belongs outside the versions folder.

Reference: https://alembic.sqlalchemy.org/en/latest/tutorial.html#create-a-migration-script
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from bot.explain.history.graph import follows_itself
from bot.explain.history.revisions import literal
from bot.explain.names.commands import commands
from bot.explain.names.names import python_string
from bot.facts import Facts, Project, Unloadable
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.BLOCK
PRESETS = (1,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each file."""
    for project in facts.projects:
        lacking = any(item.missing for item in project.head.unloadable)
        lacking = lacking or project.environment != "project"
        for item in project.head.unloadable:
            if item.missing:  # a module that this machine lacks: told as not checked
                continue
            if follows_itself(item):  # revision-cycle tells why
                continue
            if lacking and item in project.base.unloadable:
                continue  # env.py made nothing of what a file may count on: told as not checked
            yield _finding(project, item)


def _finding(project: Project, item: Unloadable) -> Finding:
    return Finding(
        path=item.path,
        line=item.line,
        title=f"Alembic cannot load {code(PurePosixPath(item.path).name)}",
        message=f"Loading {code(item.path)} raised, so no Alembic command works:\n\n"
        + block(item.error.strip(), "text"),
        subject=item.path,
        confidence=Confidence.OBSERVED,
        project=project.config,
        remedies=(_remedy(project, item),),
    )


def _remedy(project: Project, item: Unloadable) -> Remedy:
    missing = re.search(r"No module named '([\w.]+)'", item.error)
    undefined = re.search(r"name '(\w+)' is not defined", item.error)
    if missing:
        text = f"A revision outlives the code that it imports. Write what it needs from \
{code(missing[1])} into the revision itself, or declare the package among the dependencies."
        return Remedy("Do without the import", text)
    if undefined:
        return Remedy("Import the name", block(f"import {undefined[1]}", "python"))
    if "revision" in item.error.lower() and "syntax" not in item.error.lower():
        heads = project.base.heads or project.head.heads
        parent = literal(heads[:1])
        stem = python_string(PurePosixPath(item.path).stem.partition("_")[0])
        return Remedy(
            "Say which revision it is",
            block(f"revision = {stem}\ndown_revision = {parent}", "python"),
            trade_off="If it is no revision at all, move it out of the versions folder instead.",
        )
    return Remedy(
        f"Correct line {item.line}",
        commands(("python", "-m", "py_compile", item.path), ("python", item.path)),
    )
