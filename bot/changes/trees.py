"""What a tree object holds, and the bytes of its files. The working tree is not looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.changes.git import Repository
from bot.changes.process import GitError, to_text

_PROGRAM, _SYMLINK, _SUBMODULE = 0o100755, 0o120000, 0o160000  # as git-fast-import(1) lists them
_BLOBS_TIMEOUT = 300.0  # seconds, the time that the caller takes for each blob included


@dataclass(frozen=True)
class TreeEntry:
    """One entry of a tree: git's mode, the object's id, its size in bytes (0 for a submodule)."""

    mode: int
    oid: str
    size: int

    @property
    def is_symlink(self) -> bool:
        """Whether the blob is the target of a symbolic link."""
        return self.mode == _SYMLINK

    @property
    def is_submodule(self) -> bool:
        """Whether it is a commit of another repository."""
        return self.mode == _SUBMODULE

    @property
    def is_executable(self) -> bool:
        """Whether it is a file with its executable bit set."""
        return self.mode == _PROGRAM


def tree_files(repository: Repository, tree: str) -> Mapping[str, TreeEntry]:
    """Every file, symbolic link and submodule of a tree by its path, in git's order.

    Names are kept byte for byte (``surrogateescape`` where they are not UTF-8). A crafted tree may
    hold any name, ``../x`` and ``.git/config`` included: do not join them to a folder unseen.

    Raises:
        GitError: no such tree, or its objects are missing.
    """
    listing = repository.run("ls-tree", "-r", "-z", "-l", "--full-tree", tree)
    entries: dict[str, TreeEntry] = {}
    for line in listing.stdout.split(b"\0")[:-1]:
        facts, _, name = line.partition(b"\t")
        mode, _, oid, size = facts.split()
        size_bytes = int(size) if size.isdigit() else 0
        entries[to_text(name)] = TreeEntry(int(mode, 8), oid.decode(), size_bytes)
    return entries


def _bring(repository: Repository, oids: Iterable[str]) -> None:
    """Fetch all blobs that a partial clone lacks at once; git by itself fetches one by one."""
    names = "".join(f"{oid}\n" for oid in oids).encode()
    known = repository.run("cat-file", "--batch-check", stdin=names, lazy=False).stdout
    missing = [line.split()[0] for line in known.splitlines() if line.endswith(b" missing")]
    if missing:
        repository.run(
            *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--filter=blob:none"),
            *("--stdin", "origin"),
            stdin=b"".join(oid + b"\n" for oid in missing),
            timeout=_BLOBS_TIMEOUT,
        )


def stream_blobs(
    repository: Repository, oids: Iterable[str], missing: list[str] | None = None
) -> Iterator[tuple[str, bytes]]:
    """Id and content of blobs one by one, as stored: no filter, no line-end conversion.

    git reads on while the caller handles one. With ``missing``, ids of blobs that the clone lacks
    are put there.

    Raises:
        GitError: one of them is no blob, or is missing and there is no ``missing``.
    """
    distinct = dict.fromkeys(oids)
    if not distinct:
        return
    if repository.is_partial:
        _bring(repository, distinct)
    wanted = "".join(f"{oid}\n" for oid in distinct)
    call = repository.start(
        *("cat-file", "--batch", "--buffer"), stdin=wanted.encode(), timeout=_BLOBS_TIMEOUT
    )
    try:
        while header := call.stdout.readline():
            oid, kind, *size = header.decode().split()
            if kind == "missing" and missing is not None:
                missing.append(oid)
                continue
            if kind != "blob":
                raise GitError(
                    f"object {oid} of this repository is {kind}: the clone is partial or broken; "
                    "clone it whole (without --filter) and try again"
                )
            data = call.stdout.read(int(size[0]))
            if call.stdout.read(1) != b"\n":
                break  # git ended early, finish() says why
            yield oid, data
        call.finish()
    finally:
        call.abandon()


def read_blobs(repository: Repository, oids: Iterable[str]) -> dict[str, bytes]:
    """The content of blobs by id, read by one git.

    Raises:
        GitError: as ``stream_blobs``.
    """
    return dict(stream_blobs(repository, oids))
