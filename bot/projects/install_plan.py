"""The shape of an answer: what would have to be installed so that an environment's code can run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class InstallPlan:
    """How to come by an interpreter that can import a project's env.py.

    ``kind`` is the best declaration found:

    - ``uv``: ``files`` = (uv.lock, pyproject.toml); ``uv sync --frozen --no-install-project`` in
      ``directory`` (a workspace member's folder when the lock lies above it) with ``groups`` and
      ``extras``.
    - ``requirements``: ``files`` are the requirements files to pass as ``-r`` (they include others
      themselves), ``directory`` the folder they are relative to.
    - ``poetry``, ``pdm``, ``pipenv``, ``pylock``: a lock file, already read: ``requirements``
      holds its pinned packages.
    - ``pyproject``, ``setup``: no lock; ``requirements`` holds the declared ranges (poetry's own
      notation is translated). The project itself need not be built.
    - ``none``: nothing is declared; ``declares`` is false and everything else empty.

    ``requirements`` are PEP 508 strings, complete (nothing else needs to be read); empty for
    ``uv``, and for ``requirements`` the lines of the files as they stand, included ones in place.
    ``python`` is a version request ("3.11", ">=3.9,<3.12") as uv's ``--python`` takes it, None when
    none is declared. ``names`` are the declared distributions that matter for running migrations
    (alembic, sqlalchemy, drivers), normalised per PEP 503, sorted. ``local`` are folders of the
    tree that are declared as path dependencies (to go on sys.path).
    ``key`` changes when, and only when, what would be installed changes: a cache key, a hex SHA-256
    over the kind and the contents of ``files``. ``note`` is a sentence for the log, or "".
    """

    kind: str
    files: tuple[str, ...] = ()
    directory: str = ""
    python: str | None = None
    declares: bool = False
    requirements: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    key: str = ""
    note: str = ""


NOTHING = InstallPlan("none")
