"""Modules that are not there: something in their place that can be imported.

Two kinds. A package that could not be installed here: a revision that imports an enumeration from
the application needs nothing of the search engine that the application imports too. What such a
module gives can be named, called, subclassed and used as a decorator; it is of no use where its
value matters, and the bot says where it stood in. And a module that building the project's package
writes, with its version in it: it is in no commit.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.metadata
import re
import sys
import types
from typing import Any, Iterable, Iterator, Sequence

# Without these there is nothing to run; a type of theirs is never of no matter.
NEVER = frozenset({"alembic", "sqlalchemy", "psycopg", "psycopg2", "asyncpg", "pg8000", "greenlet"})
_WRITTEN = re.compile(r"_*(git_?|package_?|scm_?)?(version|build)(_?(info|tag|data|file))?_*\Z")
_VERSION = "0.0.0"


def is_written_by_a_build(name: str) -> bool:
    """Whether a module of that name holds nothing but the version, written when packages are made.

    As setuptools_scm, hatch-vcs and versioningit write it.
    """
    return bool(_WRITTEN.match(name.rpartition(".")[2]))


def packages(names: Iterable[str]) -> list[str]:
    """Of these modules, those that could not be installed."""
    return [name for name in names if "." not in name or not is_written_by_a_build(name)]


def install(names: Iterable[str], packages: Iterable[str] = ()) -> None:
    """Let these modules, and all below them, be imported; once per process.

    ``packages`` are distributions that ask for their own version, and have one then.
    """
    finder = _Finder(tuple(names), frozenset(packages))
    if names or packages:
        sys.meta_path.append(finder)


def old_collections() -> None:
    """The abstract classes under the names that they had until Python 3.10."""
    import collections
    import collections.abc

    for name in collections.abc.__all__:
        if not hasattr(collections, name):
            setattr(collections, name, getattr(collections.abc, name))


def empty_redis() -> None:
    """Every command to Redis answers that nothing is there, as that of an empty server would."""
    try:
        import redis
    except ImportError:
        return
    client: Any = redis.Redis

    def execute_command(_client: Any, *_args: Any, **_keywords: Any) -> None:
        return None

    client.execute_command = execute_command


class _Package(importlib.metadata.Distribution):
    def __init__(self, name: str) -> None:
        self._text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {_VERSION}\n"

    def read_text(self, filename: str) -> str | None:
        return self._text if filename == "METADATA" else None

    def locate_file(self, path: Any) -> Any:
        return path


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, names: tuple[str, ...], packages: frozenset[str]) -> None:
        self._names = names
        self._packages = packages

    def find_distributions(self, context: Any = None) -> Iterable[_Package]:
        """As ``importlib.metadata`` asks for one."""
        name = getattr(context, "name", None)
        return [_Package(name)] if name in self._packages else []

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - Python's own signature
        target: Any = None,  # noqa: ARG002 - Python's own signature
    ) -> importlib.machinery.ModuleSpec | None:
        if not any(fullname == name or fullname.startswith(f"{name}.") for name in self._names):
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        written = "." in spec.name and is_written_by_a_build(spec.name)
        return (_Version if written else _Module)(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:  # noqa: ARG002 - Python's signature
        return None


class _Version(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name in ("__path__", "__all__", "__file__", "__wrapped__", "__loader__"):
            raise AttributeError(name)
        return (0, 0, 0) if name.endswith("tuple") else _VERSION


class _Module(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name == "__version__":
            return _VERSION
        if _is_pythons(name):
            raise AttributeError(name)
        made: Any = _Anything()
        if name.endswith(("Error", "Exception", "Warning", "Exit")):  # for ``except``
            made = type(name, (Exception,), {"__module__": self.__name__})
        setattr(self, name, made)
        return made


class _Base:
    """What classes that derive from a stand-in derive from."""

    def __init__(self, *_args: Any, **_keywords: Any) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        if _is_pythons(name):
            raise AttributeError(name)
        return _Anything()


class _Anything:
    """A stand-in. No class, so that no metaclass of it is at odds with another base's."""

    def __init__(self, *_args: Any, **_keywords: Any) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        if _is_pythons(name):
            raise AttributeError(name)
        return _Anything()

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        # As a decorator it gives the function or class itself.
        plain = len(args) == 1 and not keywords
        if plain and isinstance(args[0], (types.FunctionType, type)):
            return args[0]
        return _Anything()

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        first = next(item for item in bases if isinstance(item, _Anything))
        return (_Base,) if self is first else ()  # one class may not be named twice

    def __instancecheck__(self, _item: Any) -> bool:
        return False

    __subclasscheck__ = __instancecheck__

    def __getitem__(self, _key: Any) -> Any:
        return _Anything()

    def __or__(self, _other: Any) -> Any:
        return _Anything()

    __ror__ = __and__ = __add__ = __radd__ = __truediv__ = __mul__ = __rmul__ = __or__

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __contains__(self, _item: Any) -> bool:
        return False

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_error: object) -> None:
        return None


def _is_pythons(name: str) -> bool:
    """Python asks for such names itself, and takes their absence for an answer."""
    return name.startswith("__") and name.endswith("__")
