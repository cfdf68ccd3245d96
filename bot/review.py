"""The story of one review: what changed, where Alembic lives, what happens when it runs."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bot import __version__
from bot.changes import ChangeSet, GitTree, Repository, read_changes
from bot.clock import Clock
from bot.evidence import (
    not_acted_on,
    not_found,
    problems_of,
    sources_of,
    told_files,
    told_path,
)
from bot.facts import Facts
from bot.projects import find_environments, relevant
from bot.settings import Settings
from bot.subject import Order, Progress, Subject

_READ_ANYWAY = (".ini", ".cfg", "pyproject.toml", ".db-recheck.toml", "/env.py")


class NoAlembic(Exception):
    """The repository has no Alembic environment; the message says what was looked for."""


def review(order: Order, environ: Mapping[str, str], progress: Progress) -> tuple[Facts, Settings]:
    """Read the change, run it where there is something to check, and return what was seen.

    Raises:
        GitError: the commits cannot be had.
        SettingsError: the configuration is wrong.
        NoAlembic: neither base nor the change has an Alembic environment.
    """
    with tempfile.TemporaryDirectory(prefix="db-recheck-git-", dir=order.temporary) as scratch:
        repository = Repository(order.repo, environ, Path(scratch))
        progress("reading the change")
        change = read_changes(repository, order.request)
        base, merged = _trees(repository, change)
        loaded = order.load_settings(base, merged)
        settings = loaded.settings
        clock = Clock(settings.timeout)
        old, new = (find_environments(tree, settings.projects) for tree in (base, merged))
        if not (old.environments or new.environments or old.problems or new.problems):
            raise NoAlembic(_NO_ALEMBIC)
        relevance = relevant(change.files, base, merged, old, new)
        subject = Subject(repository, change, base, merged, old, new, relevance)
        facts = Facts(
            base=change.base,
            head=change.head,
            base_name=change.base_name,
            merge=change.merge,
            conflicts=tuple(told_path(path) for path in change.conflicts),
            files=told_files(change.files),
            configuration=loaded.changes,
            not_checked=(*problems_of(new), *not_found(relevance), *not_acted_on(settings)),
            tool_version=__version__,
        )
        if not relevance.check and not change.conflicts:
            nothing = None if new.problems else relevance.reason
            return replace(facts, nothing=nothing, timings_ms=clock.timings_ms()), settings
        facts = replace(facts, sources=sources_of(subject))
        from bot.experiment import run_everything  # psycopg and all that: not for a skip

        return run_everything(order, subject, facts, settings, clock, environ, progress), settings


def _trees(repository: Repository, change: ChangeSet) -> tuple[GitTree, GitTree]:
    """Base's and the merged tree, with the files that are read in any case already read."""
    base = merged = GitTree(repository, change.base_tree)
    if change.merged_tree != change.base_tree:
        merged = GitTree(repository, change.merged_tree)
    touched = {name for file in change.files for name in (file.path, file.old_path) if name}
    for tree in (base, merged):
        tree.prefetch(path for path in tree.paths if path in touched or path.endswith(_READ_ANYWAY))
    return base, merged


_NO_ALEMBIC = (
    "no Alembic environment was found: no alembic.ini (or another ini file with a"
    " `script_location`), no [tool.alembic] in a pyproject.toml and no folder with an env.py and"
    " revision files. If yours lies somewhere else, name its configuration with --project."
)
