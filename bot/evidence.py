"""What the files alone contribute to the facts: texts of changed files, and what was not found."""

from __future__ import annotations

import codecs
import sys
from dataclasses import replace

from bot.changes import WORKTREE, commits_of
from bot.facts import ChangedFile, CodeOwners, Commit, Kept, NotChecked, Source
from bot.projects import ConfigurationProblem, Relevance
from bot.projects.tree import inside, parent
from bot.source import read_source
from bot.subject import Subject

_LIMIT = 256 * 1024  # characters of one file that the facts hold
_MOST = 2_000  # files
_DOCUMENTS = (".md", ".mdx", ".rst", ".adoc", ".txt")
_LONGEST = 400  # characters of a document's path
_OWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")  # the first of them counts


def told_path(path: str) -> str:
    r"""A path as text: bytes that are not UTF-8 (PEP 383) become ``\xNN``, as git shows them."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def told_files(files: tuple[ChangedFile, ...]) -> tuple[ChangedFile, ...]:
    """The changed files, each with a name that every report can hold."""
    return tuple(
        replace(
            file,
            path=told_path(file.path),
            old_path=None if file.old_path is None else told_path(file.old_path),
        )
        for file in files
    )


def sources_of(subject: Subject) -> tuple[Source, ...]:
    """The texts of changed revision, model and data-layer files, at head and at base."""
    environments = (*subject.old.environments, *subject.new.environments)
    models = {*subject.relevance.models, *subject.relevance.data_layer}
    found: list[Source] = []
    for file in subject.change.files:
        names = {file.path, file.old_path or file.path}
        held = any(item.holds(name) for item in environments for name in names)
        if not held and not names & models:
            continue
        data = subject.merged.read(file.path)
        head, cut_head = _text(data)
        base, cut_base = _text(subject.base.read(file.old_path or file.path))
        bom = (data or b"").startswith(codecs.BOM_UTF8)
        found.append(Source(told_path(file.path), head, base, cut_head or cut_base, bom))
    return tuple(found[:_MOST])


def _text(data: bytes | None) -> tuple[str | None, bool]:
    if data is None:
        return None, False
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None, False
    return text[:_LIMIT], len(text) > _LIMIT


def not_parsed(subject: Subject, sources: tuple[Source, ...]) -> tuple[NotChecked, ...]:
    """Model files that policies cannot read: what is wrong in them is not told by their silence."""
    models = {told_path(path) for path in subject.relevance.models}
    found: list[NotChecked] = []
    for item in sources:
        if item.path not in models or item.head is None:
            continue
        why = "it is too long to be read whole" if item.cut else None
        if why := why or read_source(item.head, item.path).problem:
            found.append(
                NotChecked(
                    what=f"the classes of {item.path}",
                    why=why,
                    do="Mend the file, or split it; if it is written for a Python newer than "
                    f"{sys.version_info.major}.{sys.version_info.minor}, run db-recheck on that "
                    "one. Policies about models say nothing of it.",
                )
            )
    return tuple(found)


def history_of(subject: Subject) -> tuple[Commit, ...]:
    """The commits of the change; none for what is not committed."""
    change = subject.change
    head = "HEAD" if change.head == WORKTREE else change.head
    files = {name for file in change.files for name in (file.path, file.old_path) if name}
    return commits_of(subject.repository, change.merge_base, head, files)


def kept_at(subject: Subject) -> Kept:
    """What base keeps beside the code: documents, and who owns what."""
    base = subject.base
    documents = [
        told_path(path)
        for path in base.paths
        if path.lower().endswith(_DOCUMENTS) and len(path) <= _LONGEST
    ]
    place = next((path for path in _OWNERS if path in base.paths), None)
    text, _ = _text(base.read(place)) if place else (None, False)
    owners = CodeOwners(place, text) if place and text is not None else None
    return Kept(tuple(documents[:_MOST]), len(documents) > _MOST, owners)


def problems_of(subject: Subject) -> tuple[NotChecked, ...]:
    """Configurations that cannot be understood: their projects were not checked.

    One that base has as well, beside projects that are understood, stands in nobody's way as long
    as nothing in its folder changes.
    """
    return tuple(
        NotChecked(
            what=f"the project of {problem.path}",
            why=f"{problem.path}:{problem.line}: {problem.message}",
            do="Mend the file; until then nothing of this project is checked.",
            fatal=True,
            project=problem.path,
        )
        for problem in subject.new.problems
        if not _stood_before(problem, subject)
    )


def _stood_before(problem: ConfigurationProblem, subject: Subject) -> bool:
    changed = {path for file in subject.change.files for path in (file.path, file.old_path) if path}
    return (
        problem in subject.old.problems
        and problem.path in subject.merged.paths  # else the setting `projects` named it
        and bool(subject.new.environments)
        and not any(inside(path, parent(problem.path)) for path in changed)
    )


def not_found(relevance: Relevance) -> tuple[NotChecked, ...]:
    """Environments of base that the merged tree no longer has."""
    return tuple(
        NotChecked(
            what=f"the project of {name}",
            why="base has this Alembic environment and the merged tree does not",
            do="If that is meant, merge it with the check switched off for this once;"
            " databases that were built with it keep their tables.",
            fatal=True,
            project=name,
        )
        for name in relevance.removed
    )
