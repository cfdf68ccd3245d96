"""From where a class can be mapped: the names of declarative bases, and what is installed."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Iterable

if TYPE_CHECKING:
    from .lines import Tree

MOST = 2_000  # names
PACKAGES = ("sqlalchemy", "sqlmodel", "pydantic")


def bases(tree: Tree, mappers: Iterable[Any]) -> list[str]:
    """``path:name`` in the tree, ``package:name`` outside, of bases and of mapped classes.

    A name of an object that has the base as ``Model`` (Flask-SQLAlchemy) is ``path:name.Model``.
    """
    known: dict[int, type] = {}
    for mapper in mappers:
        for owner in mapper.class_.__mro__:
            if getattr(owner, "metadata", None) is not None:
                known[id(owner)] = owner
    found = set()
    for owner in known.values():
        package = owner.__module__.partition(".")[0]
        # what declarative_base() makes calls itself SQLAlchemy's, and lies where it was assigned
        if package != "sqlalchemy" and _path(tree, sys.modules.get(owner.__module__)) is None:
            found.add(f"{package}:{owner.__name__}")
    for module in list(sys.modules.values()):
        path = _path(tree, module)
        for name, value in list(vars(module).items()) if path else ():
            if id(value) in known:
                found.add(f"{path}:{name}")
            elif id(_attributes(value).get("Model")) in known:
                found.add(f"{path}:{name}.Model")
    return sorted(found)[:MOST]


def versions() -> dict[str, str]:
    """The versions of the packages that models are written with."""
    from importlib import metadata

    found = {}
    for name in PACKAGES:
        with suppress(Exception):  # not installed, or its metadata cannot be read
            found[name] = str(metadata.version(name))[:50]
    return found


def _path(tree: Tree, module: Any) -> str | None:
    file = getattr(module, "__file__", None)
    return tree.relative(file) if isinstance(file, str) else None


def _attributes(value: Any) -> dict[str, Any]:
    """An object's own attributes, without running any of its code."""
    try:
        found = object.__getattribute__(value, "__dict__")
    except Exception:
        return {}
    return found if type(found) is dict else {}
