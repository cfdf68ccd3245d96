"""What the next attempt is to do otherwise after an exception of the target's code."""

from __future__ import annotations

import os

from . import failures, lines, scan
from .demands import demands
from .redirect import NotPostgres, scratch_url
from .session import MAX_TRIES
from .values import connection_like, value_for

_ENGINE_NAMES = (
    "DB_ENGINE",
    "DATABASE_ENGINE",
    "DB_TYPE",
    "DATABASE_TYPE",
    "DB_DIALECT",
    "DB_BACKEND",
)
_OTHER_KINDS = ("json", "object", "int", "bool")


class Again(BaseException):
    """This attempt ends; the next one follows the plan. No target code may catch it by accident."""

    def __init__(self, plan):
        super().__init__()
        self.plan = plan


class Recovery:
    """Finds the next plan; each plan adds something that no earlier one had, so that it ends."""

    def __init__(self, plan, tree, address):
        self._plan = plan
        self._tree = tree
        self._address = address

    def ask(self, error):
        """Raise Again when another attempt can go further; return when this is how it stays."""
        if self._plan["tries"] >= MAX_TRIES:
            return
        plan = self._missing_module(error)
        if plan is None:
            plan = self._supplied(demands(error, self._plan["environ"]))
        if plan is None:
            plan = self._application(error)
        if plan is None:
            plan = self._read_on_the_line(error)
        if plan is None:
            plan = self._url(error)
        if plan is not None:
            raise Again(dict(plan, tries=self._plan["tries"] + 1))

    def builtin(self, note, failure):
        """The plan that gives up the project's env.py."""
        return dict(
            self._plan, mode="builtin", note=note, failure=failure, tries=self._plan["tries"] + 1
        )

    def _supplied(self, wanted):
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

    def _missing_module(self, error):
        for item in failures.chain(error):
            if not isinstance(item, ModuleNotFoundError) or not item.name:
                continue
            folder = scan.folder_of_module(self._tree.root, item.name)
            if folder is None:
                continue
            known = [entry for entry, _ in self._plan["path"]]
            place = "first" if folder in known or folder in _on_path() else "last"
            if [folder, place] in self._plan["path"]:
                continue
            line = f"{self._tree.relative(folder) or '.'} on sys.path"
            assumed = self._plan["assumed"]
            return dict(
                self._plan,
                path=[*self._plan["path"], [folder, place]],
                assumed=assumed if line in assumed else [*assumed, line],
            )
        return None

    def _application(self, error):
        """Flask's "Working outside of application context"."""
        outside = any("application context" in str(item) for item in failures.chain(error))
        if outside and not self._plan["flask"]:
            return dict(self._plan, flask=True)
        return None

    def _url(self, error):
        """Another kind of database or no usable URL: try the configuration's, then the source's."""
        if not any(_about_the_url(item) for item in failures.chain(error)):
            return None
        if "sqlalchemy.url" not in self._plan["options"]:
            options = dict(self._plan["options"])
            options["sqlalchemy.url"] = scratch_url(self._address)
            return dict(
                self._plan, options=options, assumed=[*self._plan["assumed"], "sqlalchemy.url"]
            )
        if self._plan["scanned"]:
            return None
        names = [name for name in scan.settings_read(self._tree.root) if connection_like(name)]
        names = [name for name in names if name not in os.environ][:40]
        plan = self._supplied([(name, "") for name in names])
        if plan is None:
            return None
        word = scan.word_for_postgres(self._tree.root)
        for name in names:
            if name.upper().endswith(_ENGINE_NAMES):
                plan["environ"][name] = word
        return dict(plan, scanned=True)

    def _read_on_the_line(self, error):
        """The variables that the failing statement of the tree reads and that are not set."""
        if not isinstance(
            error, (TypeError, AttributeError, ValueError, AssertionError, SystemExit, RuntimeError)
        ) and not _about_the_url(error):
            return None
        for path, line in reversed(lines.raised(error, self._tree)):
            names = scan.settings_on_line(self._tree.absolute(path), line)
            plan = self._supplied([(name, "") for name in names if name not in os.environ])
            ours = [name for name in names if name in self._plan["environ"]]
            for kind in _OTHER_KINDS:  # what was supplied may be of the wrong kind
                if plan is None:
                    plan = self._supplied([(name, kind) for name in ours])
            if plan is not None:
                return plan
        return None


def _about_the_url(error):
    name, text = type(error).__name__, str(error)
    return (
        isinstance(error, NotPostgres)
        or name in ("NoSuchModuleError", "ArgumentError")
        or text == "option values must be strings"  # configparser: set_main_option(…, None)
        or (isinstance(error, KeyError) and error.args == ("url",))
        or ("'None'" in text and isinstance(error, ValueError))
        or "No module named 'MySQLdb'" in text
    )


def _on_path():
    import sys

    return [os.path.realpath(entry) for entry in sys.path]
