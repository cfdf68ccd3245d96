"""The revision graph of one tree. No opinions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Revision:
    """One revision file as Alembic loaded it.

    Names are Alembic's own (``alembic.script.Script``): ``down_revision`` and ``depends_on`` are
    tuples, empty for none. ``path`` is relative to the repository's root. ``message`` is the first
    line of the docstring, ``doc`` the whole of it. ``replaces`` is the module's own variable of
    that name, by which squashed revisions say what they took in; Alembic itself does not read it.
    """

    revision: str
    path: str
    down_revision: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    branch_labels: tuple[str, ...] = ()
    message: str = ""
    doc: str = ""
    replaces: tuple[str, ...] = ()

    @property
    def is_merge(self) -> bool:
        """Whether it joins several revisions."""
        return len(self.down_revision) > 1


@dataclass(frozen=True)
class Unloadable:
    """A revision file that Alembic cannot load, with the line at fault (1 when none is known).

    ``revision`` and ``down_revision`` are what its syntax tree says, None and empty where that does
    not tell. ``missing`` is the module that it wanted where this is no fault of the change: the
    project's dependencies could not all be installed here, or base's file lacks it too.
    """

    path: str
    line: int
    error: str
    revision: str | None = None
    down_revision: tuple[str, ...] = ()
    missing: str | None = None


@dataclass(frozen=True)
class Chain:
    """All revisions of one tree, in the order in which Alembic would apply them where it can tell.

    ``heads`` are the revisions that no other one names as its parent, per Alembic
    (https://alembic.sqlalchemy.org/en/latest/branches.html). ``unloaded`` are Python files in a
    versions folder that Alembic does not look at. Files that claim one id appear as several
    revisions with that id.
    """

    revisions: tuple[Revision, ...] = ()
    heads: tuple[str, ...] = ()
    unloadable: tuple[Unloadable, ...] = ()
    unloaded: tuple[str, ...] = ()

    def get(self, revision: str) -> Revision | None:
        """The revision with that full id, or None."""
        return next((item for item in self.revisions if item.revision == revision), None)
