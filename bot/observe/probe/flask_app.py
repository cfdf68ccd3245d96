"""The Flask application whose context a Flask-Migrate env.py needs (``current_app``)."""

from __future__ import annotations

import importlib
import inspect
import os
import re
from types import ModuleType
from typing import Any, Iterator

from . import scan

_MODULES = ("wsgi", "app", "application", "manage", "run", "main", "server", "autoapp", "__init__")
_FACTORIES = ("create_app", "make_app", "app_factory", "init_app", "get_app", "create_application")
MAX_CANDIDATES = 12
_URI = "SQLALCHEMY_DATABASE_URI"  # Flask-SQLAlchemy documentation, "Configuration"


class NoApplication(Exception):
    """No Flask application was found in the tree."""


def push_context(workdir: str, url: str) -> str | None:
    """Find the application and push its context for the rest of this process.

    One whose settings name no database of PostgreSQL's gets ``url``: what Flask-SQLAlchemy falls
    back to is a file of sqlite's.
    Returns the name it was found under (``"wsgi:app"``), None when there is no need.
    Raises NoApplication, or the application's own exception when nothing else was found.
    """
    import flask

    if flask.has_app_context():
        return None
    problem = None
    for module_name, wanted in _candidates(workdir):
        try:
            module = importlib.import_module(module_name)
            found = _application(module, wanted)
        except Exception as error:
            problem = problem or error
            continue
        if found is not None:
            name, application = found
            if not str(application.config.get(_URI) or "").startswith("postgres"):
                application.config[_URI] = url
            application.app_context().push()
            return f"{module_name}:{name}"
    if problem is not None:
        raise problem
    raise NoApplication("env.py needs a Flask application and none was found; set FLASK_APP")


def push_empty(workdir: str) -> bool:
    """Push the context of an application without anything in it, for those that cannot be made.

    Revisions ask ``current_app`` for a setting now and then. Returns whether Flask is there.
    """
    try:
        import flask
    except ImportError:
        return False
    flask.Flask("stand_in", root_path=workdir).app_context().push()
    return True


def _candidates(workdir: str) -> Iterator[tuple[str, str]]:
    named = os.environ.get("FLASK_APP") or _flaskenv(workdir)
    if named:
        module, _, wanted = named.partition(":")
        module = re.sub(r"\.py$", "", module).replace("/", ".").strip(".")
        yield module, wanted
    ranked = []
    for path in scan.python_files(workdir):
        source = scan.source_of(path)
        if b"flask" not in source.lower():
            continue
        score = (
            4 * (b"Flask(" in source) + 2 * (b"create_app" in source) + 3 * (b"Migrate(" in source)
        )
        stem = os.path.splitext(os.path.basename(path))[0]
        if score and stem in _MODULES:
            depth = os.path.relpath(path, workdir).count(os.sep)
            ranked.append((depth - score, _MODULES.index(stem), path))
    for _, _, path in sorted(ranked)[:MAX_CANDIDATES]:
        name = os.path.splitext(os.path.relpath(path, workdir))[0].replace(os.sep, ".")
        name = re.sub(r"(^|\.)__init__$", "", name)
        if re.match(r"^[A-Za-z_][\w.]*$", name):
            yield name, ""


def _flaskenv(workdir: str) -> str:
    try:
        with open(os.path.join(workdir, ".flaskenv"), encoding="utf-8") as file:
            found = re.search(
                r"^\s*(?:export\s+)?FLASK_APP\s*=\s*[\"']?([^\"'\s]+)", file.read(), re.MULTILINE
            )
    except (OSError, UnicodeDecodeError):
        return ""
    return found.group(1) if found else ""


def _application(module: ModuleType, wanted: str) -> tuple[str, Any] | None:
    """(name, application) of a module, by instance first, then by factory; None without one."""
    from flask import Flask

    if wanted:
        value = getattr(module, re.sub(r"\(.*", "", wanted), None)
        return (
            (wanted, value if isinstance(value, Flask) else _call(value, Flask)) if value else None
        )
    for name in ("app", "application", *vars(module)):
        if isinstance(getattr(module, name, None), Flask):
            return name, getattr(module, name)
    for name in _FACTORIES:
        application = _call(getattr(module, name, None), Flask)
        if application is not None:
            return f"{name}()", application
    return None


def _call(factory: Any, expected: type) -> Any:
    if not callable(factory):
        return None
    required = [
        parameter
        for parameter in inspect.signature(factory).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    found = factory(*([None] * len(required)))
    if isinstance(found, tuple):
        found = next((item for item in found if isinstance(item, expected)), None)
    return found if isinstance(found, expected) else None
