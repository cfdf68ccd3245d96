"""One Alembic environment and what was seen of it. No opinions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

from bot.facts.change import Change
from bot.facts.fit import Deploy, Drift
from bot.facts.graph import Chain
from bot.facts.models import Models
from bot.facts.plans import Planned
from bot.facts.rows import RowsSeen
from bot.facts.run import Failure, FreshInstall, RoundTrip
from bot.facts.schema import CheckTrial, Schema
from bot.facts.sizes import Measured
from bot.facts.trials import Trials
from bot.facts.type_check import TypeComplaint


class BaseBuilt(Enum):
    """How the state of the database at base came about."""

    CHAIN = "chain"  # base's revisions, in one go
    STEPS = "steps"  # base's revisions one by one, because one go failed
    MODELS = "models"  # metadata.create_all() and stamp: the chain does not start from nothing
    EMPTY = "empty"  # base has no revision
    FAILED = "failed"  # base's chain fails by itself


@dataclass(frozen=True)
class BaseState:
    """The database at base; ``failure`` is why a better way of ``BaseBuilt`` was not possible.

    ``extensions``, ``schemas`` and ``roles`` were created by the bot, because base needs them and
    nothing of it creates them; ``roles_own``: those roles got all rights on schemas.
    """

    built: BaseBuilt
    failure: Failure | None = None
    cached: bool = False
    extensions: tuple[str, ...] = ()
    schemas: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    roles_own: bool = False


class DowngradeShape(Enum):
    """What the syntax tree of a revision file says of its ``downgrade``."""

    BODY = "body"
    MISSING = "missing"  # no such function
    EMPTY = "empty"  # nothing but pass, a docstring or an ellipsis
    REFUSES = "refuses"  # does nothing but raise


@dataclass(frozen=True)
class Anchors:
    """Lines of a revision file (from 1) on which findings about something missing sit."""

    revision: int = 1
    down_revision: int = 1
    upgrade: int = 1
    downgrade: int = 1
    depends_on: int = 1


@dataclass(frozen=True)
class ChangedRevision:
    """A revision that the change adds, edits or removes, and its round trip.

    ``same_code`` is true for a modified one whose syntax tree differs in nothing but docstrings
    (comments are not in it at all). ``old_revision`` is base's id of the file, if it had one.
    """

    revision: str
    path: str
    change: Change
    down_revision: tuple[str, ...] = ()
    message: str = ""
    doc: str = ""
    is_merge: bool = False
    old_revision: str | None = None
    old_down_revision: tuple[str, ...] = ()
    same_code: bool = False
    downgrade_shape: DowngradeShape = DowngradeShape.BODY
    anchors: Anchors = Anchors()
    round_trip: RoundTrip = RoundTrip()


@dataclass(frozen=True)
class Check:
    """One named check of a project and how it ended, for the report's list."""

    name: str
    state: Literal["passed", "failed", "skipped"]
    reason: str | None = None


@dataclass(frozen=True)
class Project:
    """One Alembic environment of the repository.

    ``config`` is the path of its Alembic configuration (``alembic.ini``, ``pyproject.toml`` or the
    folder of a Flask-Migrate environment), ``section`` the ini section. ``base`` and ``head`` are
    the graphs of base and of the merged tree. ``base_added`` are paths of revision files that base
    gained since the branch left it (they decide whether two heads come from the branch or from the
    merge). ``environment`` is ``project`` when the project's own env.py ran, ``builtin`` when the
    bot's had to; ``environment_note`` says why, and ``environment_failure`` is set when base's own
    env.py ran and the merged tree's raised. ``assumed`` lists what was supplied so that it ran.
    ``transaction_per_migration`` is Alembic's option as env.py sets it, None when it was not seen.
    ``schema`` is what the database held after every changed revision that goes up, ``base_schema``
    what it held before the first; both are None when no changed revision was run. ``check_trials``
    tell of new CHECK constraints, where values for them could be invented. ``rows`` is what
    the change did on tables that hold rows, None where that was not tried. ``application`` are the
    names of the top-level modules and packages of the merged tree that its revisions can import.
    ``type_errors`` are new ones in changed model files, looked for where that is asked for.
    ``trials`` tell of what hangs on tables and of row security, None where there was nothing of the
    kind to try. ``measured`` are costs of statements on tables whose production sizes are known,
    ``plans`` those of the named queries.
    """

    config: str
    script_location: str
    section: str = "alembic"
    version_locations: tuple[str, ...] = ()
    environment: Literal["project", "builtin"] = "project"
    environment_note: str | None = None
    environment_failure: Failure | None = None
    assumed: tuple[str, ...] = ()
    transaction_per_migration: bool | None = None
    base: Chain = Chain()
    head: Chain = Chain()
    base_added: tuple[str, ...] = ()
    base_state: BaseState = BaseState(BaseBuilt.EMPTY)
    revisions: tuple[ChangedRevision, ...] = ()
    whole: RoundTrip | None = None
    fresh: FreshInstall | None = None
    checks: tuple[Check, ...] = ()
    schema: Schema | None = None
    base_schema: Schema | None = None
    check_trials: tuple[CheckTrial, ...] = ()
    models: Models | None = None
    base_models: Models | None = None
    drift: tuple[Drift, ...] = ()
    deploy: Deploy | None = None
    rows: RowsSeen | None = None
    application: tuple[str, ...] = ()
    type_errors: tuple[TypeComplaint, ...] = ()
    trials: Trials | None = None
    measured: tuple[Measured, ...] = ()
    plans: tuple[Planned, ...] = ()
