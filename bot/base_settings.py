"""The settings that base's tree states, whatever is checked out: for what looks at no change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.changes import GitTree, Repository
from bot.changes.commits import find_base
from bot.changes.scratch import scratch_folder
from bot.configuration import Stated
from bot.settings import Settings


def base_settings(
    root: Path,
    base: str | None,
    stated: Stated,
    environ: Mapping[str, str],
    temporary: Path,
) -> tuple[Settings, str]:
    """The settings of the tree of ``base``, and what a reader calls that commit.

    Those of a head are never used, whatever base says of ``trust-head``. ``base`` None is the
    default branch, as for a check.

    Raises:
        GitError: ``root`` is no checkout, or the commit cannot be had.
        SettingsError: the configuration is wrong.
    """
    with scratch_folder(temporary) as scratch:
        repository = Repository(root, environ, scratch)
        commit = find_base(repository, base)
        tree = GitTree(repository, commit.tree)
        return stated.load(tree, tree).settings, commit.name
