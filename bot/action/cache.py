"""`cache-dir`: the folder that actions/cache brings back and takes away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from bot.action.job import Job
from bot.action.workspace import WorkspaceError
from bot.changes import Repository
from bot.changes.scratch import scratch_folder

_FOLDER = "040000"


@contextmanager
def usable_cache(job: Job) -> Iterator[None]:
    """The cache folder, there for the run and the workspace owner's again behind it.

    Raises:
        WorkspaceError: the checked-out commit holds a file of that path. A pull request could put a
            database of its own there and have it taken for base's.
    """
    name = job.inputs.cache_dir
    if not name:
        yield
        return
    path = job.workspace.path(name)
    if ".." in PurePosixPath(name).parts:
        raise WorkspaceError(f"input cache-dir: {name!r} must be a path inside the workspace")
    _refuse_tracked(job, name)
    if path.is_symlink():
        raise WorkspaceError(f"input cache-dir: {name} is a link; name a folder")
    job.workspace.make_folder(path)
    try:
        yield
    finally:
        job.workspace.give_back(path)


def _refuse_tracked(job: Job, name: str) -> None:
    """Refuse a folder that is part of the commit, or lies behind a link in it."""
    path = PurePosixPath(name)
    if path.is_absolute():
        return
    places = [str(place) for place in (path, *path.parents) if str(place) != "."]
    with scratch_folder(job.temporary) as scratch:
        repository = Repository(job.workspace.root, job.environ, scratch)
        listing = repository.run(
            "ls-tree", "--full-tree", "-z", "HEAD", "--", *places, accept=(0, 128)
        )
    for entry in listing.stdout.decode("utf-8", "surrogateescape").split("\0"):
        mode, _, place = entry.partition(" ")[0], "", entry.partition("\t")[2]
        if place == str(path) or (place and mode != _FOLDER):
            raise WorkspaceError(
                f"input cache-dir: {place} is part of the repository, so a pull request could fill"
                " the cache; name a folder that is not"
            )
