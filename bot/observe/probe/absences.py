"""What is not there, and may be found, made or stood in for on the next attempt."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any, Mapping

from . import failures, lines, own_package, scan, stand_ins
from .environment import NeverRan
from .tenants import NoSchema, arguments_for, tenant_schema

if TYPE_CHECKING:
    from .lines import Tree

_OLD = re.compile(r"from 'collections'|module 'collections' has no attribute")
_STAND_INS = 12  # each takes another attempt
_NO_NAME = re.compile(
    r"cannot import name '(\w+)' from (?:partially initialized module )?'([\w.]+)'"
)


class Absences:
    """Finds the next plan after something was looked for in vain; None where nothing helps.

    ``missed`` are arguments ``-x`` that env.py looked up in vain.
    """

    def __init__(
        self, plan: dict[str, Any], tree: Tree, request: Mapping[str, Any], missed: list[str]
    ) -> None:
        self._plan = plan
        self._tree = tree
        self._missed = missed
        self._address = request["address"]
        self._allowed = request.get("may_stand_in", ())  # top-level modules; None: any

    def missing_module(self, error: BaseException) -> dict[str, Any] | None:
        """A plan with the folder on ``sys.path`` in which the tree has the module."""
        for item in failures.chain(error):
            if not isinstance(item, ModuleNotFoundError) or not item.name:
                continue
            folder = scan.folder_of_module(self._tree.root, item.name)
            if folder is None or self._raised_in(error, folder, item.name):
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

    def stand_in(self, error: BaseException) -> dict[str, Any] | None:
        """A plan with something in the place of a module that is not there."""
        for item in failures.chain(error):
            if self._allowed is None and not self._plan["old_collections"]:
                text = failures.words(item)
                if _OLD.search(text) and isinstance(item, (ImportError, AttributeError)):
                    return dict(self._plan, old_collections=True)
            if type(item).__name__ == "PackageNotFoundError" and item.args:
                package = str(item.args[0])
                if package not in self._plan["packages"]:
                    return dict(self._plan, packages=[*self._plan["packages"], package])
                continue
            name = self._absent(item)
            known = self._plan["stand_ins"]
            if name is None or name in known or len(known) >= _STAND_INS:
                continue
            word = f"something in place of the module {name}"
            assumed = [*self._plan["assumed"], *([word] if stand_ins.packages([name]) else [])]
            return dict(self._plan, stand_ins=[*known, name], assumed=assumed)
        return None

    def _absent(self, error: BaseException) -> str | None:
        """The module that something may stand in for, None where that would hide a mistake."""
        if not isinstance(error, ImportError):
            return None
        name = error.name or ""
        if not isinstance(error, ModuleNotFoundError):
            found = _NO_NAME.search(failures.words(error))
            name = f"{found[2]}.{found[1]}" if found else ""
        top = name.partition(".")[0]
        folder = scan.folder_of_module(self._tree.root, top) if top else None
        ours = folder is not None and not self._raised_in(error, folder, top)
        if not top or ours:
            if "." not in name or not stand_ins.is_written_by_a_build(name):
                return None
            file = name.rpartition(".")[2] + ".py"
            return name if scan.is_written_by_a_build(self._tree.root, file) else None
        if not isinstance(error, ModuleNotFoundError) or top in stand_ins.NEVER:
            return None
        if self._allowed is not None and top not in self._allowed:
            return None
        return name if top in sys.modules else top

    def _raised_in(self, error: BaseException, folder: str, module: str) -> bool:
        """Whether it is the file that wants it: auth/ldap.py imports the library, not itself."""
        path = self._tree.relative(os.path.join(folder, *module.split(".")) + ".py")
        return path is not None and any(
            where == path for where, _ in lines.raised(error, self._tree)
        )

    def service(self, error: BaseException) -> dict[str, Any] | None:
        """A plan with an empty Redis: some applications ask theirs while they are made."""
        asked = any(type(item).__module__ == "redis.exceptions" for item in failures.chain(error))
        if not asked or self._plan["redis"]:
            return None
        return dict(self._plan, redis=True, assumed=[*self._plan["assumed"], "an empty Redis"])

    def own_package(self, error: BaseException, env_py: str | None) -> dict[str, Any] | None:
        """A plan with the entry points of the tree's own package, which nobody installs."""
        about = env_py is not None and lines.raised(error, self._tree)
        if not about or self._plan["own_package"] or not own_package.entry_points(self._tree.root):
            return None
        return dict(self._plan, own_package=True)

    def argument(self, error: BaseException) -> dict[str, Any] | None:
        """A plan with arguments ``-x`` that env.py asks for, and that may be what it lacks."""
        more = arguments_for(error, self._missed, self._plan["x"], self._address)
        if not more:
            return None
        names = [f"-x {name}" for name in more]
        return dict(
            self._plan,
            x=dict(self._plan["x"], **more),
            assumed=[*self._plan["assumed"], *names],
        )

    def tenant(self, error: BaseException, env_py: str) -> dict[str, Any] | None:
        """A plan with the argument or the schema by which env.py finds its tenant."""
        names: list[str] = []
        if isinstance(error, (NoSchema, NeverRan, KeyError)):
            plan = self.argument(error)
            if plan is not None:
                return plan
        if isinstance(error, NoSchema):
            names = error.schemas
        elif isinstance(error, NeverRan):
            found = tenant_schema(env_py, self._tree)
            names = [found] if found else []
        names = [name for name in names if name not in self._plan["schemas"] and "\0" not in name]
        if not names:
            return None
        return dict(
            self._plan,
            schemas=[*self._plan["schemas"], *names],
            assumed=[*self._plan["assumed"], *(f"schema {name}" for name in names)],
        )


def _on_path() -> list[str]:
    return [os.path.realpath(entry) for entry in sys.path]
