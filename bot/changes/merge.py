"""Where two commits part, and what their merge would be."""

from __future__ import annotations

from dataclasses import dataclass

from bot.changes.commits import FULL_HISTORY, Commit, fetch
from bot.changes.git import Repository
from bot.changes.process import GitError, to_text

_CONFLICT = 1  # git-merge-tree(1), "EXIT STATUS"
_DEEPER = ("--deepen=500", "--unshallow")


@dataclass(frozen=True)
class Merge:
    """A merged tree's id, None where paths conflict."""

    tree: str | None
    conflicts: tuple[str, ...] = ()


def _merge_base(repository: Repository, base: Commit, head: Commit) -> str | None:
    answer = repository.run("merge-base", base.sha, head.sha, accept=(0, 1))
    return answer.stdout.decode().strip() or None


def _deepen(repository: Repository, base: Commit, head: Commit, option: str) -> None:
    """More history of both; of base alone where origin does not know head (not pushed yet)."""
    try:
        fetch(repository, [base.sha, head.sha], option)
    except GitError:
        fetch(repository, [base.sha], option)


def find_merge_base(repository: Repository, base: Commit, head: Commit) -> str:
    """The id of the commit where head left base; the first one of several (git-merge-base(1)).

    A shallow checkout is deepened in the private directory until there is one.

    Raises:
        GitError: the histories have nothing in common, or too little of them is here.
    """
    found = _merge_base(repository, base, head)
    why = ""
    for option in _DEEPER:
        if found or not repository.is_shallow:
            break
        try:
            _deepen(repository, base, head, option)
        except GitError as error:
            why = f", and more could not be fetched: {error}"
            break
        found = _merge_base(repository, base, head)
    if found:
        return found
    if repository.is_shallow:
        raise GitError(
            f"this checkout is too shallow to tell where {head.name} left {base.name}{why}. "
            f"{FULL_HISTORY} --unshallow`."
        )
    raise GitError(
        f"{head.name} and {base.name} have no commit in common: choose another --base, or rebase"
    )


def merge_trees(repository: Repository, base: str, head: str) -> Merge:
    """Merge commit ``head`` into commit ``base`` without a working tree (git-merge-tree(1)).

    Raises:
        GitError: git is older than 2.38, which cannot do it.
    """
    arguments = ("--write-tree", "-z", "--name-only", "--no-messages", base, head)
    answer = repository.run("merge-tree", *arguments, accept=range(256))
    tree, _, rest = answer.stdout.partition(b"\0")
    if answer.status == 0:
        return Merge(tree.decode())
    if answer.status == _CONFLICT and tree:
        # -z ends each name, and the list itself with one more NUL
        names = dict.fromkeys(to_text(name) for name in rest.split(b"\0") if name)
        return Merge(None, tuple(names))
    version = repository.run("version").stdout.decode().strip()
    raise GitError(f"{version} cannot merge trees (2.38 or newer is needed): {answer.stderr}")
