"""The difference between two trees: which files, and which of their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from bot.changes.git import Repository
from bot.changes.process import Call, GitError, to_text
from bot.facts import Change, ChangedFile, Hunk

LIMIT_DIFF = 128 * 1024 * 1024  # bytes of git's answer; patches past it are left out
LIMIT_PATCHES = 16 * 1024 * 1024  # bytes parsed in all
LIMIT_PATCH = 512 * 1024  # bytes parsed of one file: GitHub shows no larger ones either

_SUBMODULE = b"160000"
_ESCAPE = re.compile(rb'\\([abtnvfr"\\]|[0-7]{3})')
_ESCAPED = dict(zip(b'abtnvfr"\\', b'\a\b\t\n\v\f\r"\\', strict=True))
_ALL_ADDED = re.compile(rb"^@@ -0,0 \+1(?:,(\d+))? @@", re.MULTILINE)
_KINDS = {b"A": Change.ADDED, b"D": Change.DELETED, b"R": Change.RENAMED}


@dataclass(frozen=True)
class _Entry:
    """One line of git's raw format (git-diff(1), "RAW OUTPUT FORMAT"); names as quoted there."""

    modes: tuple[bytes, bytes]
    change: Change
    old: bytes
    new: bytes


def unquote(name: bytes) -> bytes:
    """A name as git quotes it (git-config(1), ``core.quotePath``), unquoted."""
    if not name.startswith(b'"'):
        return name

    def plain(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return bytes([_ESCAPED[code[0]] if len(code) == 1 else int(code, 8)])

    return _ESCAPE.sub(plain, name[1:-1])


def _entries(raw: bytes) -> Iterator[_Entry]:
    for line in filter(None, raw.split(b"\n")):
        fields, *names = line.split(b"\t")
        old_mode, new_mode, _, _, status = fields[1:].split(b" ")
        kind = _KINDS.get(status[:1], Change.MODIFIED)
        yield _Entry((old_mode, new_mode), kind, names[0], names[-1])


def _sections(patches: bytes) -> dict[bytes, bytes]:
    """Each file's patch by the names in its header, ``old new`` as quoted by git."""
    found: dict[bytes, bytes] = {}
    for section in re.split(rb"^diff --git ", patches, flags=re.MULTILINE)[1:]:
        header, _, body = section.partition(b"\n")
        found[header] = found.get(header, b"") + body
    return found


def _text_of(patch: bytes) -> str | None:
    """The patch's hunks, None when head's lines in them are not UTF-8."""
    hunks = patch[patch.index(b"\n@@ -") + 1 :]
    try:
        return hunks.decode()
    except UnicodeDecodeError:
        text = hunks.decode("latin-1")
    # a hunk's header quotes a line that git cuts wherever it likes
    heads = (line for line in text.split("\n") if not line.startswith(("-", "@")))
    try:
        "\n".join(heads).encode("latin-1").decode()
    except UnicodeDecodeError:
        return None
    return text


def _lines(patch: bytes) -> tuple[tuple[Hunk, ...], tuple[int, ...]]:
    """Hunks and added lines of one file's patch; none of what cannot be parsed."""
    whole = _ALL_ADDED.search(patch)
    if (text := _text_of(patch)) is None:
        return (), ()
    if whole:  # a new file: the header says all
        count = int(whole[1] or 1)
        return (Hunk(1, count),), tuple(range(1, count + 1))

    from unidiff.errors import UnidiffParseError
    from unidiff.patch import PatchSet

    try:
        (parsed,) = PatchSet(StringIO(f"--- old\n+++ new\n{text}", newline="\n"))
    except (UnidiffParseError, ValueError):
        return (), ()
    hunks = tuple(
        Hunk(hunk.target_start, hunk.target_start + hunk.target_length - 1)
        for hunk in parsed
        if hunk.target_length
    )
    added = (line.target_line_no for hunk in parsed for line in hunk if line.is_added)
    return hunks, tuple(number for number in added if number is not None)


def start_diff(repository: Repository, old: str, new: str) -> Call:
    """Start the comparison of two trees; ``read_diff`` reads its answer."""
    return repository.start(
        *("diff-tree", "-r", "--raw", "--patch", "--no-abbrev", "--find-renames", "--unified=3"),
        *("--no-prefix", "--no-color", "--no-ext-diff", "--no-textconv", old, new),
    )


def read_diff(call: Call) -> tuple[ChangedFile, ...]:
    """Every file that differs between the trees of ``start_diff``, ordered by path.

    The list of files is complete. Hunks and added lines are there for text: not for binary files,
    for files over 1 MiB (told as binary), for a patch over 512 KiB, after 16 MiB of patches in
    all, for symbolic links' and submodules' own kinds of content, nor where head is not UTF-8.

    Raises:
        GitError: so many files differ that git's list of them is over 128 MiB.
    """
    answer = call.finish(limit=LIMIT_DIFF)
    raw, end, patches = answer.stdout.partition(b"\n\n")
    if answer.cut and not end:
        raise GitError("too many files differ from base: choose a nearer --base")
    sections = _sections(patches)
    budget = LIMIT_PATCHES
    files: list[ChangedFile] = []
    for entry in _entries(raw):
        patch = sections.get(entry.old + b" " + entry.new, b"")
        binary = b"\n@@ " not in patch and b"\nBinary files " in patch
        parse = (
            b"\n@@ " in patch
            and len(patch) <= min(LIMIT_PATCH, budget)
            and entry.change is not Change.DELETED
            and _SUBMODULE not in entry.modes
        )
        budget -= len(patch) if parse else 0
        hunks, added = _lines(patch) if parse else ((), ())
        old = to_text(unquote(entry.old)) if entry.change is Change.RENAMED else None
        path = to_text(unquote(entry.new))
        files.append(ChangedFile(path, entry.change, old, hunks, added, binary))
    return tuple(files)


def start_names(repository: Repository, old: str, new: str) -> Call:
    """Start listing what ``new`` adds or changes; ``read_names`` reads its answer."""
    return repository.start(
        *("diff-tree", "-r", "--name-only", "-z", "--no-renames", "--diff-filter=d", old, new)
    )


def read_names(call: Call) -> tuple[str, ...]:
    """Paths of ``start_names``."""
    return tuple(to_text(name) for name in call.finish().stdout.split(b"\0") if name)
