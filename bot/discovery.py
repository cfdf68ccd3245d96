"""What is to be looked at, told by git and by files alone: nothing of the target runs."""

from __future__ import annotations

from bot.changes import ChangeSet, GitTree, Repository, read_changes
from bot.configuration import Loaded
from bot.projects import find_environments, relevant
from bot.subject import Order, Progress, Subject

_READ_ANYWAY = (".ini", ".cfg", "pyproject.toml", ".db-recheck.toml", "/env.py")


class NoAlembic(Exception):
    """The repository has no Alembic environment; the message says what was looked for."""


def discover(order: Order, repository: Repository, progress: Progress) -> tuple[Subject, Loaded]:
    """The change, the environments that it concerns, and the settings that hold.

    Raises:
        GitError: the commits cannot be had.
        SettingsError: the configuration is wrong.
        NoAlembic: neither base nor the change has an Alembic environment.
    """
    progress("reading the change")
    change = read_changes(repository, order.request)
    base, merged = _trees(repository, change)
    loaded = order.load_settings(base, merged)
    only = loaded.settings.projects
    old, new = (find_environments(tree, only) for tree in (base, merged))
    if not (old.environments or new.environments or old.problems or new.problems):
        raise NoAlembic(_NO_ALEMBIC)
    relevance = relevant(change.files, base, merged, old, new)
    return Subject(repository, change, base, merged, old, new, relevance), loaded


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
