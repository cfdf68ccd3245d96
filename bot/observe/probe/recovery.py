"""What the next attempt is to do otherwise after an exception of the target's code."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Iterable, Iterator, Mapping

from . import failures, lines, scan
from .absences import Absences
from .address import scratch_url
from .demands import demands
from .notes import MAX_TRIES
from .redirect import NotPostgres
from .values import connection_like, value_for

if TYPE_CHECKING:
    from .demands import Demand
    from .lines import Tree

_ENGINE_NAMES = (
    "DB_ENGINE",
    "DATABASE_ENGINE",
    "DB_TYPE",
    "DATABASE_TYPE",
    "DB_DIALECT",
    "DB_BACKEND",
)
# Of these, the line that raised may tell by its source which setting it was about.
_LINES_TELL = (
    TypeError,
    AttributeError,
    ValueError,
    AssertionError,
    SystemExit,
    RuntimeError,
    SyntaxError,  # of a literal that a setting holds
)
_OTHER_KINDS = ("json", "object", "int", "bool")

_FOLDER = re.compile(r"(^|_)(DIR|DIRECTORY|FOLDER|ROOT)$")


class Again(BaseException):
    """This attempt ends; the next one follows the plan. No target code may catch it by accident."""

    def __init__(self, plan: dict[str, Any]) -> None:
        super().__init__()
        self.plan = plan


class Recovery:
    """Finds the next plan; each plan adds something that no earlier one had, so that it ends."""

    def __init__(
        self, plan: dict[str, Any], tree: Tree, request: Mapping[str, Any], missed: list[str]
    ) -> None:
        self._plan = plan
        self._absences = Absences(plan, tree, request, missed)
        self._tree = tree
        self._address = request["address"]

    def ask(self, error: BaseException, env_py: str | None = None) -> None:
        """Raise Again when another attempt can go further; return when this is how it stays.

        ``env_py`` is its path, where it was env.py that failed.
        """
        if self._plan["tries"] >= MAX_TRIES:
            return
        plan = self._absences.missing_module(error) or self._absences.stand_in(error)
        if plan is None and env_py is not None:
            plan = self._absences.tenant(error, env_py)
        if plan is None:
            wanted = demands(error, self._plan["environ"])
            plan = self._supplied(wanted) or self._withdrawn(wanted)
        if plan is None:
            plan = self._application(error) or self._absences.service(error)
        if plan is None:
            plan = self._read_on_the_line(error)
        if plan is None:
            plan = self._url(error)
        if plan is None:
            plan = self._folders(error)
        if plan is None and _of_nothing(error):
            plan = self._option("sqlalchemy.url")
        if plan is None:
            plan = self._absences.argument(error) or self._absences.own_package(error, env_py)
        if plan is not None:
            raise Again(dict(plan, tries=self._plan["tries"] + 1))

    def builtin(self, note: str, failure: dict[str, Any], *, own_fault: bool) -> dict[str, Any]:
        """The plan that gives up the project's env.py; ``own_fault``: its own statements raised."""
        return dict(
            self._plan,
            mode="builtin",
            note=note,
            failure=failure,
            own_fault=own_fault,
            tries=self._plan["tries"] + 1,
        )

    def _supplied(self, wanted: Iterable[Demand]) -> dict[str, Any] | None:
        """A plan with values for these settings; None when all of them were tried before."""
        environ, tried = dict(self._plan["environ"]), dict(self._plan["tried"])
        assumed = list(self._plan["assumed"])
        for name, kind in wanted:
            given = name in os.environ and name not in environ
            if given and not kind:
                continue  # the user set it: nothing is missing there
            value = value_for(name, kind, self._address)
            if "\0" in value or not name or "=" in name or value in tried.get(name, ()):
                continue
            environ[name] = value
            tried[name] = [*tried.get(name, ()), value]
            if name not in assumed:
                assumed.append(name)
        if environ == self._plan["environ"]:
            return None
        return dict(self._plan, environ=environ, tried=tried, assumed=assumed)

    def _withdrawn(self, refused: Iterable[Demand]) -> dict[str, Any] | None:
        """A plan without the settings that were supplied and do not suit; None without any."""
        names = [name for name, _ in refused if name in self._plan["environ"]]
        if not names:
            return None
        environ = {k: v for k, v in self._plan["environ"].items() if k not in names}
        assumed = [item for item in self._plan["assumed"] if item not in names]
        return dict(self._plan, environ=environ, assumed=assumed)

    def _application(self, error: BaseException) -> dict[str, Any] | None:
        """Flask's "Working outside of application context"."""
        outside = any(
            "application context" in failures.words(item) for item in failures.chain(error)
        )
        if outside and not self._plan["flask"]:
            return dict(self._plan, flask=True)
        return None

    def _url(self, error: BaseException) -> dict[str, Any] | None:
        """Another kind of database or no usable URL: try the configuration's, then the source's."""
        if not any(_about_the_url(item) for item in failures.chain(error)):
            return None
        for option in (*_options_asked_for(error), "sqlalchemy.url"):
            if plan := self._option(option):
                return plan
        if self._plan["scanned"]:
            return self._other_word()
        names = [name for name in scan.settings_read(self._tree.root) if connection_like(name)]
        names = [name for name in names if name not in os.environ][:40]
        plan = self._supplied([(name, "") for name in names])
        if plan is None:
            return None
        word = scan.word_for_postgres(self._tree.root)
        for name in names:
            if name.upper().endswith(_ENGINE_NAMES):
                plan["environ"][name], plan["tried"][name] = word, [word]
        return dict(plan, scanned=True)

    def _option(self, name: str) -> dict[str, Any] | None:
        """A plan with the URL as that main option; None when it was given before."""
        if name in self._plan["options"]:
            return None
        options = dict(self._plan["options"], **{name: scratch_url(self._address)})
        return dict(self._plan, options=options, assumed=[*self._plan["assumed"], name])

    def _other_word(self) -> dict[str, Any] | None:
        """A plan with the other of the two names by which programs know PostgreSQL."""
        other = {"postgres": "postgresql", "postgresql": "postgres"}
        environ = dict(self._plan["environ"])
        for name, value in self._plan["environ"].items():
            if value in other and other[value] not in self._plan["tried"].get(name, ()):
                environ[name] = other[value]
        if environ == self._plan["environ"]:
            return None
        tried = {k: [*v, environ[k]] if k in environ else v for k, v in self._plan["tried"].items()}
        return dict(self._plan, environ=environ, tried=tried)

    def _folders(self, error: BaseException) -> dict[str, Any] | None:
        """A folder that only the project's own container has: others for those it reads."""
        if not any(_about_a_folder(item, self._tree) for item in failures.chain(error)):
            return None
        names = [name for name in scan.settings_read(self._tree.root) if _FOLDER.search(name)]
        names = [
            name for name in names if name not in os.environ and name not in self._plan["tried"]
        ]
        if not names:
            return None
        place = os.environ.get("TMPDIR", "/tmp")  # noqa: S108 - the child's own, where it has one
        return dict(
            self._plan,
            environ=dict(self._plan["environ"], **dict.fromkeys(names, place)),
            tried=dict(self._plan["tried"], **{name: [place] for name in names}),
            assumed=[*self._plan["assumed"], *names],
        )

    def _read_on_the_line(self, error: BaseException) -> dict[str, Any] | None:
        """The variables that the failing statement of the tree reads and that are not set."""
        if not isinstance(error, _LINES_TELL) and not _about_the_url(error):
            return None
        for path, line in reversed(lines.raised(error, self._tree)):
            names = scan.settings_on_line(self._tree.absolute(path), line)
            plan = self._supplied([(name, "") for name in names if name not in os.environ])
            ours = [name for name in names if name in self._plan["environ"]]
            converts = isinstance(error, (TypeError, ValueError, SyntaxError))
            for kind in _OTHER_KINDS:  # what was supplied may be of the wrong kind
                if plan is None and converts and not _about_the_url(error):
                    plan = self._supplied([(name, kind) for name in ours])
            if plan is not None:
                return plan
        return None


def _of_nothing(error: BaseException) -> bool:
    """Whether a None stood where the code wanted a value: perhaps the URL that nobody gave."""
    return isinstance(error, (TypeError, AttributeError)) and "NoneType" in failures.words(error)


def _about_a_folder(error: BaseException, tree: Tree) -> bool:
    """Whether something outside the tree could not be made, opened or found."""
    name = getattr(error, "filename", None)
    return (
        isinstance(error, OSError)
        and isinstance(name, str)
        and os.path.isabs(name)
        and not os.path.realpath(name).startswith(tree.root + os.sep)
    )


def _options_asked_for(error: BaseException) -> Iterator[str]:
    """Options of the configuration that env.py took by name, and that hold a URL by their name."""
    for item in failures.chain(error):
        if isinstance(item, KeyError) and item.args and isinstance(item.args[0], str):
            key = item.args[0]
            if re.match(r"^([a-z_]+[._])?(url|uri|dsn)$", key):
                yield key


def _about_the_url(error: BaseException) -> bool:
    name, text = type(error).__name__, failures.words(error)
    return (
        isinstance(error, NotPostgres)
        or name in ("NoSuchModuleError", "ArgumentError")
        or text == "option values must be strings"  # configparser: set_main_option(…, None)
        or (isinstance(error, KeyError) and bool(_options_asked_for(error)))
        or (isinstance(error, ValueError) and ("'None'" in text or _reading_a_url(error)))
        or "No module named 'MySQLdb'" in text
    )


def _reading_a_url(error: BaseException) -> bool:
    """Whether SQLAlchemy's parser of URLs raised it: ``int('')`` for ``postgres://host:/name``."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    return frame is not None and frame.tb_frame.f_globals.get("__name__") == "sqlalchemy.engine.url"
