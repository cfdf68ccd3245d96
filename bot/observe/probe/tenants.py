"""Schemas that env.py goes through, one for each tenant, and which of them the command line names.

On an empty server there is no tenant: env.py ends without running anything, or its search path
leads nowhere. One schema of such a name, or the argument ``-x`` that env.py asks for, lets it run.
(Alembic documentation, cookbook: "Rudimental Schema-Level Multi Tenancy for PostgreSQL Databases".)
"""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING, Any, Iterator

from alembic.runtime.environment import EnvironmentContext

from . import failures
from .scan import source_of
from .values import value_for

if TYPE_CHECKING:
    from typing import Mapping

    from alembic.runtime.migration import MigrationContext

    from .lines import Tree

_NAME = "recheck"
_LIKE = re.compile(r"\bLIKE\s+'((?:[A-Za-z0-9]|\\?_)+)%'", re.IGNORECASE)
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_LISTS_SCHEMAS = re.compile(r"get_schema_names|information_schema\.schemata|pg_namespace")
_SCHEMA = re.compile(r"(^|_)(schema|tenant|org|organi[sz]ation|customer|client|namespace)s?(_|$)")


class NoSchema(Exception):
    """The search path that env.py sets leads to no schema."""

    def __init__(self, path: str) -> None:
        super().__init__(f"env.py sets the search_path to {path}, where there is no schema")
        self.schemas = [
            name
            for name in (part.strip().strip('"') for part in path.split(","))
            if name and name != "$user" and not name.startswith("pg_")
        ]


class Arguments:
    """The names that env.py looked up among the arguments ``-x`` and that nobody gave."""

    def __init__(self) -> None:
        self.missed: list[str] = []

    def install(self) -> None:
        """Wrap ``EnvironmentContext.get_x_argument``; once per process."""
        patched: Any = EnvironmentContext  # what follows takes the place of a method
        original = patched.get_x_argument
        missed = self.missed

        def get_x_argument(context: EnvironmentContext, *args: Any, **kwargs: Any) -> Any:
            found = original(context, *args, **kwargs)
            return _Given(found, missed) if isinstance(found, dict) else found

        patched.get_x_argument = get_x_argument


class _Given(dict):  # type: ignore[type-arg]  # Python 3.9's own has no parameters when it runs
    """The arguments; what is looked up in vain is noted."""

    def __init__(self, found: Mapping[str, str], missed: list[str]) -> None:
        super().__init__(found)
        self._missed = missed

    def _note(self, key: Any) -> None:
        if isinstance(key, str) and not dict.__contains__(self, key) and key not in self._missed:
            self._missed.append(key)

    def get(self, key: Any, default: Any = None) -> Any:
        self._note(key)
        return super().get(key, default)

    def __contains__(self, key: Any) -> bool:
        self._note(key)
        return super().__contains__(key)

    def __missing__(self, key: Any) -> Any:
        self._note(key)
        raise KeyError(key)


def arguments_for(
    error: BaseException, missed: list[str], given: Mapping[str, str], address: Mapping[str, Any]
) -> dict[str, str]:
    """Arguments ``-x`` that may help against that error, by name; empty where none would.

    A name for a tenant or a schema gets ``public``, which every database has.
    """
    wanted = {
        item.args[0]
        for item in failures.chain(error)
        if isinstance(item, KeyError) and item.args and isinstance(item.args[0], str)
    }
    new = [name for name in missed if name not in given and "=" not in name and "\0" not in name]
    found = {name: "public" for name in new if _SCHEMA.search(name.lower())}
    for name in new:
        if name in wanted and name not in found:
            found[name] = value_for(name, "", address)
    return found


def see_search_path(_heads: Any, context: MigrationContext) -> list[Any]:
    """Work for ``Environment.run`` that does nothing; raises NoSchema."""
    from sqlalchemy import text

    if context.version_table_schema is None and context.connection is not None:
        found = context.connection.execute(
            text("SELECT pg_catalog.current_schema(), pg_catalog.current_setting('search_path')")
        ).first()
        if found is not None and found[0] is None:
            raise NoSchema(str(found[1]))
    return []


def tenant_schema(env_py: str, tree: Tree) -> str | None:
    """A schema that env.py would take for a tenant's; None where it goes through no schemas.

    Read from its source and from that of the tree's modules that it imports names from: the prefix
    that they compare names with, where they do.
    """
    lists = False
    for source in _sources(env_py, tree):
        try:
            parsed = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # the parser's own
            continue
        if not _LISTS_SCHEMAS.search(source.decode("utf-8", "replace")):
            continue
        lists = True
        for prefix in _prefixes(parsed):
            if _IDENTIFIER.match(prefix) and not prefix.startswith("pg_"):  # PostgreSQL's own
                return prefix + ("" if prefix.endswith("_") else "_") + _NAME
    return f"tenant_{_NAME}" if lists else None


def _sources(env_py: str, tree: Tree) -> Iterator[bytes]:
    own = source_of(env_py)
    yield own
    try:
        parsed = ast.parse(own)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the parser's own
        return
    for node in ast.walk(parsed):
        if isinstance(node, ast.ImportFrom) and node.module:
            path = getattr(sys.modules.get(node.module), "__file__", None)
            if isinstance(path, str) and tree.relative(path) is not None:
                yield source_of(path)


def _prefixes(parsed: ast.Module) -> Iterator[str]:
    """What names are compared with: ``name.startswith("tenant_")``, ``LIKE 'tenant_%'``."""
    for node in ast.walk(parsed):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "startswith":
            for item in ast.walk(node.args[0]) if node.args else ():
                if isinstance(item, ast.Constant) and isinstance(item.value, str):
                    yield item.value
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            for match in _LIKE.finditer(node.value):
                yield match[1].replace("\\", "")
