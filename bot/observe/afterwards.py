"""What is looked at once the changed revisions ran: rows, sizes, models, releases, the rest.

Each look has its own clones of base's database, and leaves the facts of those before it alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from bot.clock import Clock
from bot.facts import BaseBuilt, Change, Project, Revision
from bot.facts.models import Models
from bot.observe.at_sizes import at_sizes
from bot.observe.case import Case
from bot.observe.child import Opened
from bot.observe.codes import AtBase, Codes
from bot.observe.from_scratch import fresh_install
from bot.observe.inspected import ModelsAnswer, NotInspected
from bot.observe.interpreters import Interpreters
from bot.observe.protocol import VersionTable
from bot.observe.round_trip import Travelled
from bot.observe.rows import Ground, on_rows
from bot.observe.server import Server
from bot.observe.stages import Stages
from bot.observe.standing import tried
from bot.observe.type_check import TypeCheck
from bot.observe.unseen import Unseen


@dataclass(frozen=True)
class Met:
    """How head was opened, what its revisions did in ``order``, and the base they started from.

    ``ground`` makes clones of base, ``table`` is head's version table.
    """

    headed: Opened
    found: Travelled
    ground: Ground
    order: tuple[Revision, ...]
    base: AtBase
    table: VersionTable


@dataclass(frozen=True)
class Afterwards:
    """The looks. ``open_base`` gives base's version table, once its own env.py was opened."""

    server: Server
    case: Case
    stages: Stages
    interpreters: Interpreters
    clock: Clock
    unseen: Unseen
    progress: Callable[[str], None]
    open_base: Callable[[], VersionTable | None]

    def look(self, project: Project, met: Met) -> Project:
        """The project with what was seen."""
        rows = self.case.rows
        with self.clock.timing("rows"):
            told = partial(self._models, project, met)
            on = on_rows(met.ground, rows, project, met.order, self.unseen, told)
        project = self._at_sizes(replace(project, rows=on), met)
        project = self._fresh(project, met)
        if not met.order:
            met.found.database = self.server.clone(met.base.database, "work")
        project = self._code(project, met)
        with self.clock.timing("standing"):
            return tried(met.ground, rows, project, met.order, self.unseen)

    def _models(self, project: Project, met: Met) -> Models | None:
        """Head's models before they are compared with anything; None where they cannot be read."""
        if project.environment != "project" or not met.headed.has_metadata:
            return None
        deadline = self.clock.remaining()
        try:
            session = self.interpreters.head
            answer = session.inspect("models", ModelsAnswer, deadline=deadline, paths=())
            return answer.checked()
        except NotInspected:
            return None

    def _at_sizes(self, project: Project, met: Met) -> Project:
        stated = self.case.stated
        if not met.order or not stated.anything:
            return project
        self.progress("production sizes")
        with self.clock.timing("sizes"):
            return at_sizes(met.ground, stated, self.case.rows, project, met.order, self.unseen)

    def _fresh(self, project: Project, met: Met) -> Project:
        """With what an installation from nothing gives, where history was edited."""
        state = project.base_state
        built = state is not None and state.built in {BaseBuilt.CHAIN, BaseBuilt.STEPS}
        edited = any(
            item.change is not Change.ADDED and not item.same_code for item in project.revisions
        )
        if not edited or met.found.end is None or not built:
            return project
        self.progress("a fresh installation of the merged chain")
        fresh = self.stages.head(self.stages.new("fresh"), met.table)
        return replace(project, fresh=fresh_install(fresh, project.head, met.found.end))

    def _code(self, project: Project, met: Met) -> Project:
        """With how the models of both sides fit the schema, and their types where asked for."""
        self.progress("models and schema")
        codes = Codes(
            self.server, self.stages, self.interpreters, self.clock, self.unseen, self.open_base
        )
        paths = sorted(self.case.changed)
        if met.headed.stand_ins:
            return codes.without(project, met.headed.stand_ins)
        project = codes.agreed(project, met.headed, met.found, met.base, paths)
        project = codes.deployed(project, met.ground, met.order)
        if not self.case.types():
            return project
        check = TypeCheck(
            self.interpreters, self.open_base, self.case, self.clock.remaining, self.unseen
        )
        return check.look(project, paths)
