"""Whether a change has anything to check: decided in milliseconds, from names and syntax alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.facts import ChangedFile
from bot.projects.dependencies import declares_dependencies, migration_dependencies
from bot.projects.environment import Environment, Found
from bot.projects.loose import LooseFiles
from bot.projects.pyproject import tool_table
from bot.projects.tree import TreeView, inside, suffix

_SETTINGS = re.compile(r"(?:^|/)\.(?:env|flaskenv)[^/]*$")
_PROSE = frozenset({".md", ".rst", ".adoc"})


@dataclass(frozen=True)
class Relevance:
    """Whether to check, of what, and why.

    ``reason`` is a sentence for the reader: why there is nothing to check, or the first thing that
    makes a check needed. ``environments`` are those of the merged tree that the change concerns,
    ``removed`` names those of base that the merged tree no longer has. ``models`` are the changed
    files that map classes to tables (also the deleted ones and old names of renamed ones), and
    ``data_layer`` those that import SQLAlchemy or what stands on it; both sorted.
    """

    check: bool
    reason: str
    environments: tuple[Environment, ...] = ()
    removed: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    data_layer: tuple[str, ...] = ()


def relevant(
    changed: Sequence[ChangedFile], base: TreeView, merged: TreeView, old: Found, new: Found
) -> Relevance:
    """What of the merged tree the change concerns; when unsure, it checks.

    A change concerns an environment by a file of its script or version folders, its configuration
    or its definition; by a file that env.py or a revision reaches through imports, or a data file
    that one of those names. It concerns every environment by db-recheck's own configuration, a
    settings file (.env), an SQL file, a mapping that no environment is seen to import, or another
    version of Alembic, SQLAlchemy, their extensions or a driver: other dependencies do not count.
    """
    return _Decision(changed, base, merged, old.environments, new.environments).relevance()


class _Decision:
    def __init__(
        self,
        changed: Sequence[ChangedFile],
        base: TreeView,
        merged: TreeView,
        old: tuple[Environment, ...],
        new: tuple[Environment, ...],
    ) -> None:
        self._changed, self._base, self._merged = changed, base, merged
        self._old, self._new = old, new
        names = {file.path for file in changed}
        names |= {file.old_path for file in changed if file.old_path}
        self._paths = sorted(names)
        held = {path for path in names if any(_holds(item, path) for item in (*old, *new))}
        self._loose = LooseFiles(
            (path for path in self._paths if path not in held), (base, old), (merged, new)
        )

    def relevance(self) -> Relevance:
        removed = tuple(
            sorted({item.name for item in self._old} - {item.name for item in self._new})
        )
        everywhere = next(self._everywhere(), None) if self._old or self._new else None
        reasons = {
            item.name: everywhere or next(self._concerning(item), None) for item in self._new
        }
        told = [reason for reason in reasons.values() if reason]
        if removed:
            told.append(f"the Alembic environment {removed[0]} was removed")
        return Relevance(
            check=bool(told),
            reason=f"There is something to check: {told[0]}." if told else self._nothing(),
            environments=tuple(item for item in self._new if reasons[item.name]),
            removed=removed,
            models=self._loose.models,
            data_layer=self._loose.data_layer,
        )

    def _nothing(self) -> str:
        count = len(self._changed)
        what = "revision, model, part of an Alembic environment or db-recheck setting"
        if not count:
            return "Nothing to check: no file changed."
        if count == 1:
            return f"Nothing to check: {self._changed[0].path} is no {what}."
        return f"Nothing to check: none of the {count} changed files is a {what}."

    def _everywhere(self) -> Iterator[str]:
        """Reasons that concern every environment, most telling first."""
        for path in self._paths:
            if path == ".db-recheck.toml" or (
                path == "pyproject.toml" and self._retold(path, "db-recheck")
            ):
                yield f"db-recheck's configuration in {path} changed"
        for path in self._paths:
            if path.startswith(".db-recheck/policies/"):
                yield f"the policy {path} of db-recheck changed"
        for path in self._paths:
            if declares_dependencies(path) and (
                migration_dependencies(path, self._base)
                != migration_dependencies(path, self._merged)
            ):
                yield f"{path} asks for other versions of Alembic, SQLAlchemy or a driver"
            if _SETTINGS.search(path):
                yield f"{path} changed, from which env.py may take its settings"
            if suffix(path) == ".sql":
                yield f"{path} changed, which a revision may read"
        if len(self._new) == 1:  # nothing to tell apart, so no import needs to be followed
            yield from (f"{path} maps classes to tables" for path in self._loose.models)
        yield from (f"{path} maps classes to tables" for path in self._loose.stray_models)

    def _concerning(self, environment: Environment) -> Iterator[str]:
        """Reasons that concern this environment, most telling first."""
        name = environment.name
        revisions = [path for path in self._paths if environment.holds(path)]
        yield from (f"the revision file {path} changed" for path in revisions)
        for path in self._paths:
            if path in (environment.config, environment.ini) and (
                not path.endswith("pyproject.toml") or self._retold(path, "alembic")
            ):
                yield f"the Alembic configuration {path} changed"
            if _holds(environment, path) and suffix(path) not in _PROSE:
                yield f"{path} belongs to the Alembic environment {name}"
        if environment not in self._old:
            yield f"the Alembic environment {name} is new or defined otherwise than before"
        if not self._loose.code and not self._loose.data:
            return
        reach = self._loose.reached[name]
        yield from (f"env.py of {name} reaches {path}" for path in sorted(reach.files))
        if not reach.certain:
            for path in self._loose.untested:
                yield f"it cannot be told whether env.py of {name} reaches {path}"

    def _retold(self, path: str, tool: str) -> bool:
        """Whether the two sides' tables of that tool differ."""
        return tool_table(self._base.read(path), tool) != tool_table(self._merged.read(path), tool)


def _holds(environment: Environment, path: str) -> bool:
    """Whether the path lies in the environment's own folders."""
    if not environment.script_location:  # env.py at the root: every file would
        return environment.holds(path) or path in ("env.py", "script.py.mako")
    places = (environment.script_location, *environment.version_locations)
    return any(inside(path, place) for place in places)
