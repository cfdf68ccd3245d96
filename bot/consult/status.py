"""Where the chain of each project stands: heads, what the change adds, what came last. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.consult.page import Grid, Listing, Part, Text, Title
from bot.facts import Change, Project, Revision
from bot.wording import code, prose, several

RECENT = 10  # revisions of the history that are shown
_DATE = "Create Date:"  # of Alembic's own template (alembic/templates/generic/script.py.mako)


@dataclass(frozen=True)
class Entry:
    """One revision; ``created`` is what its docstring says, None where it says nothing."""

    revision: str
    down_revision: tuple[str, ...]
    message: str
    path: str
    created: str | None = None
    change: str | None = None


@dataclass(frozen=True)
class Standing:
    """One project: ``base_heads`` are what a deployed database has, ``heads`` where it gets."""

    project: str
    base_heads: tuple[str, ...]
    heads: tuple[str, ...]
    pending: tuple[Entry, ...]
    recent: tuple[Entry, ...]
    revisions: int
    apply: str
    roll_back: str | None


def standing(project: Project) -> Standing:
    """Where that project's chain stands."""
    changed = {item.revision: item.change.value for item in project.revisions}
    pending = [
        Entry(
            item.revision,
            item.down_revision,
            item.message,
            item.path,
            _created(project.head.get(item.revision)),
            item.change.value,
        )
        for item in project.revisions
    ]
    recent = [_entry(item, changed.get(item.revision)) for item in reversed(project.head.revisions)]
    return Standing(
        project.config,
        project.base.heads,
        project.head.heads,
        tuple(pending),
        tuple(recent[:RECENT]),
        len(project.head.revisions),
        _alembic(project, "upgrade", "heads" if len(project.head.heads) > 1 else "head"),
        _way_back(project),
    )


def _entry(item: Revision, change: str | None) -> Entry:
    return Entry(item.revision, item.down_revision, item.message, item.path, _created(item), change)


def _created(revision: Revision | None) -> str | None:
    """The date that Alembic wrote into the docstring when it made the file."""
    for line in (revision.doc if revision else "").splitlines():
        if line.strip().startswith(_DATE):
            return line.strip().removeprefix(_DATE).strip()[:19] or None
    return None


def _way_back(project: Project) -> str | None:
    """The command back to base; None where nothing was added or base had several heads."""
    added = any(item.change is Change.ADDED for item in project.revisions)
    if not added or len(project.base.heads) > 1:
        return None
    return _alembic(project, "downgrade", project.base.heads[0] if project.base.heads else "base")


def _alembic(project: Project, *words: str) -> str:
    named = project.config if project.config.endswith((".ini", ".toml")) else ""
    where = [] if named in ("alembic.ini", "pyproject.toml", "") else ["-c", named]
    section = [] if project.section == "alembic" else ["-n", project.section]
    return shlex.join(["alembic", *where, *section, *words])


def shown(standings: Sequence[Standing]) -> tuple[Part, ...]:
    """The answer."""
    return tuple(part for item in standings for part in _shown(item))


def _shown(item: Standing) -> Iterator[Part]:
    yield Title(f"Status of {code(item.project)}")
    base = several(item.base_heads) if item.base_heads else "no revision"
    heads = several(item.heads) if item.heads else "no revision"
    many = " There are several heads: merge them first." if len(item.heads) > 1 else ""
    yield Text(
        f"A database that is up to date with base is at {base}; with this change it gets to"
        f" {heads}. The chain has {_count(item.revisions)}.{many}"
    )
    if item.pending:
        yield Title("Pending revisions of this change", 2)
        yield _grid(item.pending)
        yield Title("To apply them, and to go back", 2)
        commands = [item.apply, *([item.roll_back] if item.roll_back else [])]
        yield Listing("\n".join(commands), "sh")
    else:
        yield Text("This change has no revision: nothing is pending.")
    if item.recent:
        yield Title("Recent history, the latest first", 2)
        yield _grid(item.recent)
        if item.revisions > len(item.recent):
            yield Text(f"and {item.revisions - len(item.recent)} before these.")


def _count(number: int) -> str:
    return "1 revision" if number == 1 else f"{number} revisions"


def _grid(entries: Sequence[Entry]) -> Grid:
    return Grid(
        ("revision", "after", "message", "created", "change", "file"),
        tuple(
            (
                code(item.revision),
                several(item.down_revision) if item.down_revision else "(the first)",
                prose(item.message, 120) or "-",
                prose(item.created or "", 30) or "-",
                item.change or "-",
                code(item.path),
            )
            for item in entries
        ),
    )
