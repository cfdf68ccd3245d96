"""The commits of a change, as git has them."""

from __future__ import annotations

from collections.abc import Collection

from bot.changes.git import Repository
from bot.changes.process import GitError, to_text
from bot.facts import Commit

MOST = 100  # commits, the newest
MESSAGE = 4_000  # characters of one message
PATHS = 500  # of one commit


def commits_of(
    repository: Repository, merge_base: str, head: str, files: Collection[str]
) -> tuple[Commit, ...]:
    """The commits from ``merge_base`` to ``head``, the oldest first, with what they touch of files.

    Empty where git cannot tell: a shallow history holds no more than it holds.
    """
    span = (f"--max-count={MOST}", "--end-of-options", f"{merge_base}..{head}")
    try:
        ids = to_text(repository.run("rev-list", *span).stdout).split()
        if not ids:
            return ()
        shown = ("-z", "--name-only", "--no-renames", "--format=%H%x00%B%x00")
        words = to_text(repository.run("log", *shown, *span).stdout).split("\0")
    except GitError:
        return ()
    # A message or a name may hold anything but NUL; where the next commit begins, its id tells.
    starts = [words.index(sha) for sha in ids if sha in words]
    parts = (words[a:b] for a, b in zip(starts, [*starts[1:], len(words)], strict=True))
    known = frozenset(files)
    return tuple(reversed([_commit(part, known) for part in parts]))


def _commit(words: list[str], known: frozenset[str]) -> Commit:
    sha, message, *names = words
    paths = [path for name in names if (path := name.removeprefix("\n")) in known]
    return Commit(sha, _plain(message).strip()[:MESSAGE], tuple(map(_plain, paths[:PATHS])))


def _plain(text: str) -> str:
    r"""Text that every report can hold: bytes that are not UTF-8 become ``\xNN`` (PEP 383)."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
