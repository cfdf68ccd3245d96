"""The git side: which trees to check, what differs, and their files without the checkout.

Nothing here runs a program that the repository under review names, reads its configuration as
anything but data, or writes into the checkout.
"""

from __future__ import annotations

from bot.changes.change_set import WORKTREE, ChangeSet, Request, read_changes
from bot.changes.export import Exported, export_tree
from bot.changes.git import Repository
from bot.changes.history import commits_of
from bot.changes.process import GitError
from bot.changes.trees import TreeEntry, read_blobs, tree_files
from bot.changes.view import GitTree

__all__ = [
    "WORKTREE",
    "ChangeSet",
    "Exported",
    "GitError",
    "GitTree",
    "Repository",
    "Request",
    "TreeEntry",
    "commits_of",
    "export_tree",
    "read_blobs",
    "read_changes",
    "tree_files",
]
