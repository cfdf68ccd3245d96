"""The change under review, from a request to trees and files."""

from __future__ import annotations

from dataclasses import dataclass

from bot.changes.commits import Commit, find_base_and_head
from bot.changes.diff import read_diff, read_names, start_diff, start_names
from bot.changes.git import Repository
from bot.changes.merge import Merge, find_merge_base, merge_trees
from bot.changes.worktree import working_tree
from bot.facts import ChangedFile

WORKTREE = "worktree"


@dataclass(frozen=True)
class Request:
    """What to compare, as gitrevisions(7) names commits.

    ``base`` None is the default branch: origin/HEAD, else main, else master. ``head`` None is the
    working tree: uncommitted changes and new files that are not ignored count.
    """

    base: str | None = None
    head: str | None = None


@dataclass(frozen=True)
class ChangeSet:
    """What head changes, and what base would become.

    ``base`` is the id of base's tip and ``base_name`` what the user calls it; ``head`` a commit id
    or ``worktree``. ``base_tree``, ``head_tree`` and ``merged_tree`` are tree ids for
    ``tree_files`` and ``export_tree``. ``merge`` is the tree of head merged into base's tip, None
    where ``conflicts`` (paths) prevent it: ``merged_tree`` is then head's own. ``files`` is the
    difference between ``merge_base`` and head, as a pull request shows it. ``base_moved`` are the
    paths that base added or changed since ``merge_base``.
    """

    base: str
    base_name: str
    head: str
    merge_base: str
    base_tree: str
    head_tree: str
    merged_tree: str
    merge: str | None
    conflicts: tuple[str, ...] = ()
    files: tuple[ChangedFile, ...] = ()
    base_moved: tuple[str, ...] = ()


def _commit(repository: Repository, parent: Commit, tree: str) -> str:
    """A commit of ``tree`` on ``parent``, in the private directory: merging wants commits."""
    if tree == parent.tree:
        return parent.sha
    answer = repository.run("commit-tree", tree, "-p", parent.sha, stdin=b"working tree\n")
    return answer.stdout.decode().strip()


def _merged(
    repository: Repository, base: Commit, head: Commit, tree: str, merge_base: str
) -> Merge:
    """Head's ``tree`` merged into base; without git where one side did not move."""
    if merge_base == base.sha:
        return Merge(tree)
    if merge_base == head.sha and tree == head.tree:
        return Merge(base.tree)
    return merge_trees(repository, base.sha, _commit(repository, head, tree))


def read_changes(repository: Repository, request: Request) -> ChangeSet:
    """What the request asks for; nothing of the checkout is written.

    Commits that are missing are fetched from origin, and a shallow history is deepened, into the
    repository's private directory.

    Raises:
        GitError: a commit, a common history or a readable working tree is missing, or git is too
            old; the message says what to do.
    """
    base, head = find_base_and_head(repository, request.base, request.head)
    tree = head.tree if request.head else working_tree(repository)
    merge_base = find_merge_base(repository, base, head)
    diff = start_diff(repository, merge_base, tree)
    moved = start_names(repository, merge_base, base.sha)
    try:
        merge = _merged(repository, base, head, tree, merge_base)
        return ChangeSet(
            base=base.sha,
            base_name=base.name,
            head=head.sha if request.head else WORKTREE,
            merge_base=merge_base,
            base_tree=base.tree,
            head_tree=tree,
            merged_tree=merge.tree or tree,
            merge=merge.tree,
            conflicts=merge.conflicts,
            files=read_diff(diff),
            base_moved=read_names(moved),
        )
    finally:
        diff.abandon()
        moved.abandon()
