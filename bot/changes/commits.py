"""Which commits are meant: names looked up in the checkout, and fetched where they are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.changes.git import Repository, network_environ
from bot.changes.process import GitError, to_bytes, to_text

FETCH_TIMEOUT = 300.0  # seconds
FETCH_DEPTH = 50  # commits, where the checkout is shallow anyway

FULL_HISTORY = (
    "In GitHub Actions set `fetch-depth: 0` on actions/checkout; elsewhere run `git fetch origin`"
)

# In this order; the name is what a reader calls it.
_DEFAULT_BASES = (
    ("refs/remotes/origin/HEAD", "origin/HEAD"),
    ("refs/heads/main", "main"),
    ("refs/heads/master", "master"),
    ("refs/remotes/origin/main", "origin/main"),
    ("refs/remotes/origin/master", "origin/master"),
)


@dataclass(frozen=True)
class Commit:
    """A commit that is there: its full id, its tree's, and what the user calls it."""

    sha: str
    tree: str
    name: str


def _check(name: str) -> str:
    """The name, if it can be one (gitrevisions(7)) and cannot be taken for an option."""
    if not name.strip() or name.startswith("-") or any(ord(char) < 32 for char in name):  # noqa: PLR2004 - control characters
        raise GitError(f"{name!r} is not the name of a commit: give a branch, a tag or a commit id")
    return name


def look_up(repository: Repository, names: Sequence[str]) -> list[Commit | None]:
    """The commits of these names (gitrevisions(7)), None where the checkout has no such one.

    Raises:
        GitError: a name that cannot be one, or an abbreviation of several ids.
    """
    lines = "".join(f"{_check(name)}^{{commit}}\n{name}^{{tree}}\n" for name in names)
    answer = repository.run("cat-file", "--batch-check", stdin=to_bytes(lines), lazy=False)
    rows = [line.split(" ") for line in to_text(answer.stdout).splitlines()]
    found: list[Commit | None] = []
    for name, commit, tree in zip(names, rows[::2], rows[1::2], strict=True):
        if commit[-1] == "ambiguous":
            raise GitError(f"{name!r} is short for several commits: give more of its characters")
        there = commit[1:2] == ["commit"] and tree[1:2] == ["tree"]
        found.append(Commit(commit[0], tree[0], name) if there else None)
    return found


def fetch(repository: Repository, refs: Sequence[str], *options: str) -> None:
    """Bring ``refs`` (branches, tags or full ids) from origin into the private directory.

    Raises:
        GitError: no remote named origin, or it did not answer with them.
    """
    if not repository.has_remote:
        raise GitError("this checkout has no remote named origin")
    repository.run(
        *("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", *options),
        *("--end-of-options", "origin", *(_check(ref) for ref in refs)),
        environ=network_environ(repository.environ),
        timeout=FETCH_TIMEOUT,
    )


def _fetched(repository: Repository, name: str) -> Commit | None:
    """The commit that origin calls ``name`` (without ``origin/``)."""
    ref = name.removeprefix("refs/remotes/").removeprefix("origin/")
    depth = (f"--depth={FETCH_DEPTH}",) if repository.is_shallow else ()
    fetch(repository, [ref], *depth)
    line = (repository.directory / "FETCH_HEAD").read_text("utf-8", "surrogateescape")
    (commit,) = look_up(repository, [line.split("\t", 1)[0]])
    return commit and Commit(commit.sha, commit.tree, name)


def find_commit(repository: Repository, name: str) -> Commit:
    """The commit ``name``: the checkout's own, else origin's branch as last seen, else fetched.

    Raises:
        GitError: it is nowhere; the message says what to do.
    """
    here, tracked = look_up(repository, [name, f"refs/remotes/origin/{name}"])
    if here or tracked:
        return here or Commit(tracked.sha, tracked.tree, f"origin/{name}")  # type: ignore[union-attr] # one of them is there
    try:
        commit = _fetched(repository, name)
    except GitError as error:
        why = f"it could not be fetched: {error}"
    else:
        if commit:
            return commit
        why = "origin has something else by that name"
    raise GitError(f"there is no commit {name!r} in this checkout, and {why}. {FULL_HISTORY}.")


def _origin_head(repository: Repository) -> str:
    """The branch that origin/HEAD stands for, as ``origin/<branch>``."""
    path = repository.directory / "refs/remotes/origin/HEAD"
    text = path.read_text("utf-8", "surrogateescape") if path.is_file() else ""
    prefix = "ref: refs/remotes/"
    return text.removeprefix(prefix).strip() if text.startswith(prefix) else "origin/HEAD"


def find_base(repository: Repository, name: str | None) -> Commit:
    """The commit ``name``; None means the default branch's tip.

    Raises:
        GitError: it is nowhere; the message says what to do.
    """
    return find_commit(repository, name) if name else find_base_and_head(repository, None, None)[0]


def find_base_and_head(
    repository: Repository, base: str | None, head: str | None
) -> tuple[Commit, Commit]:
    """The two commits; None means the default branch's tip, and what is checked out.

    Raises:
        GitError: one of them is nowhere; the message says what to do.
    """
    defaults = [ref for ref, _ in _DEFAULT_BASES]
    wanted_bases = defaults if base is None else [base]
    wanted_head = head or "HEAD"
    *bases, there = look_up(repository, [*wanted_bases, wanted_head])
    if there is None and head is None:
        raise GitError("this checkout has no commit yet: there is nothing to compare")
    head_commit = there or find_commit(repository, wanted_head)
    if base is not None:
        return bases[0] or find_commit(repository, base), head_commit
    for commit, (_, name) in zip(bases, _DEFAULT_BASES, strict=True):
        if commit:
            called = _origin_head(repository) if name == "origin/HEAD" else name
            return Commit(commit.sha, commit.tree, called), head_commit
    try:
        default = _fetched(repository, "origin/HEAD")
    except GitError:
        default = None
    if default is None:
        raise GitError(
            "the branch to compare with is not known: there is no origin/HEAD, main or master. "
            f"Name it with --base. {FULL_HISTORY}."
        )
    return default, head_commit
