"""The code of both trees, as their models state it, against the schemas of both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from bot.clock import Clock
from bot.facts import Project, Revision
from bot.observe.agreement import compared, skipped
from bot.observe.catalogue import Snapshot
from bot.observe.child import Opened
from bot.observe.deploy import Releases, rehearsed
from bot.observe.fit import Side
from bot.observe.interpreters import Interpreters
from bot.observe.protocol import VersionTable
from bot.observe.round_trip import Travelled
from bot.observe.rows import Ground
from bot.observe.server import Server
from bot.observe.stages import Stages
from bot.observe.unloadable import INSTALL
from bot.observe.unseen import Unseen


@dataclass(frozen=True)
class AtBase:
    """Base's database and its catalogue."""

    database: str
    catalogue: Snapshot


@dataclass(frozen=True)
class Codes:
    """Asks both trees' sessions. ``base_versions`` opens base's tree where it is not open yet.

    It gives the version table of base's own env.py, None where base has none or it does not run.
    """

    server: Server
    stages: Stages
    interpreters: Interpreters
    clock: Clock
    unseen: Unseen
    base_versions: Callable[[], VersionTable | None]

    def agreed(
        self,
        project: Project,
        headed: Opened,
        found: Travelled,
        base: AtBase,
        paths: Sequence[str],
    ) -> Project:
        """The project with what its models state, and how that fits the upgraded schema."""
        why = None
        if project.environment != "project":
            why = "the project's own env.py did not run, and it names the models"
        elif not headed.has_metadata:
            why = "env.py gives no target_metadata"
        upgraded = found.database
        if why is not None or upgraded is None or found.end is None:
            return skipped(project, why or "no database was left in the state after the upgrade")
        versions = VersionTable(headed.version_table, headed.version_table_schema)
        with self.clock.timing("models"):
            side = self.stages.side(self.interpreters.head, versions, lambda: upgraded, found.end)
            return compared(project, side, lambda: self._base_side(base), paths, self.unseen)

    def without(self, project: Project, modules: Sequence[str]) -> Project:
        """The project where modules that its models may be made of are not installed here."""
        why = f"not installed here: {', '.join(modules)}"
        self.unseen.minor(f"the models of {project.config}", why, INSTALL)
        return skipped(project, why)

    def deployed(self, project: Project, ground: Ground, order: Sequence[Revision]) -> Project:
        """The project with what either release's code met on the other's schema."""
        head = self.interpreters.head
        same = project.base_models is project.models or project.base_models is None
        base = head if same else self.interpreters.base
        with self.clock.timing("deploy"):
            releases = Releases(base, head, self.clock.remaining)
            return replace(project, deploy=rehearsed(ground, releases, project, order, self.unseen))

    def _base_side(self, base: AtBase) -> Side | None:
        versions = self.base_versions()
        if versions is None:
            return None
        database = cache(lambda: self.server.clone(base.database, "base_models"))
        return self.stages.side(self.interpreters.base, versions, database, base.catalogue)
