"""Which files of a tree Alembic loads as revisions, and which it silently passes over."""

from __future__ import annotations

from collections.abc import Iterable

from bot.projects.environment import Environment
from bot.projects.revision_source import read_revision
from bot.projects.tree import TreeView, inside


def revision_files(view: TreeView, environment: Environment) -> tuple[str, ...]:
    """The paths Alembic loads as revisions of the environment, sorted.

    ``alembic.script.base``: names that end in ``.py`` and start with neither ``.#`` nor
    ``__init__``, in a version location itself unless ``recursive_version_locations`` is set.
    """
    return tuple(sorted(path for path in view.paths if environment.holds(path)))


def overlooked_files(
    view: TreeView,
    environment: Environment,
    changed: Iterable[str],
    others: Iterable[Environment] = (),
) -> tuple[str, ...]:
    """Changed files of the environment that read as revisions but that Alembic never looks at.

    They lie in a subfolder of a location that is not recursive, beside the versions folder, or
    have a name Alembic skips. Files that one of the ``others`` loads are theirs.
    """
    places = (environment.script_location, *environment.version_locations)
    everyone = (environment, *others)
    found = []
    for path in sorted(set(changed)):
        if not path.endswith(".py") or not any(inside(path, place) for place in places):
            continue
        if path == environment.env_py or any(item.holds(path) for item in everyone):
            continue
        source = view.read(path)
        if source is not None and _is_revision(source):
            found.append(path)
    return tuple(found)


def _is_revision(source: bytes) -> bool:
    if b"down_revision" not in source:
        return False
    said = read_revision(source)
    return said.revision is not None or "revision" in said.computed
