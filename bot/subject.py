"""What a review is asked for, and what it looks at once git has told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.changes import ChangeSet, GitTree, Repository, Request
from bot.configuration import Loaded
from bot.projects import Found, Relevance

Progress = Callable[[str], None]
LoadSettings = Callable[[GitTree, GitTree], Loaded]


@dataclass(frozen=True)
class Order:
    """What to review. ``load_settings`` reads the configuration of base's and the merged tree.

    ``temporary`` is the folder for what does not outlive the run, ``packages`` the one for what it
    installs and may use again.
    """

    repo: Path
    request: Request
    load_settings: LoadSettings
    temporary: Path
    packages: Path


@dataclass(frozen=True)
class Subject:
    """What is looked at, once git has told: the trees, their environments, what concerns them."""

    repository: Repository
    change: ChangeSet
    base: GitTree
    merged: GitTree
    old: Found
    new: Found
    relevance: Relevance
