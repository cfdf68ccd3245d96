"""What is asked of an opened project besides running revisions: its models, and how they fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext

    from .environment import Environment, Learned
    from .lines import Tree
    from .redirect import Redirect
    from .steps import Runner

OPERATIONS = ("models", "compare", "exercise", "types")


class Inspector:
    """Answers ``models``, ``compare``, ``exercise`` and ``types``."""

    def __init__(
        self,
        environment: Environment,
        learned: Learned,
        tree: Tree,
        redirect: Redirect,
        runner: Runner,
    ) -> None:
        self._environment = environment
        self._learned = learned
        self._tree = tree
        self._redirect = redirect
        self._runner = runner

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer of the request's ``op``."""
        work: Callable[[dict[str, Any]], Any] = getattr(self, "_" + str(request["op"]))
        try:
            found = work(request)
        except BaseException as error:
            failure = self._runner.describe(error)
            return {"id": request["id"], "ok": False, "failure": failure}
        return {"id": request["id"], "ok": True, request["op"]: found}

    def _models(self, request: dict[str, Any]) -> Any:
        from sqlalchemy.dialects import postgresql

        from .models import Reader

        dialect: Any = postgresql.dialect
        reader = Reader(self._tree, dialect(), request.get("paths") or ())
        found = reader.read(self._learned.metadata)
        # env.py is in no table of modules: what it made is what tells
        found["asynchronous"] = found["asynchronous"] or self._redirect.asynchronous
        return found

    def _types(self, request: dict[str, Any]) -> Any:
        from . import pyright, type_checker

        errors = pyright.errors if request.get("checker") == "pyright" else type_checker.errors
        return errors(self._tree, str(request.get("folder") or ""), request.get("paths") or ())

    def _compare(self, request: dict[str, Any]) -> Any:
        from .compare import differences

        found: list[dict[str, Any]] = []

        def work(_heads: Any, context: MigrationContext) -> list[Any]:
            metadata = context.opts.get("target_metadata")
            if metadata is not None:
                found.extend(differences(context, metadata))
            return []

        self._redirect.point(request["database"])
        try:
            self._environment.run(work, dont_mutate=True)
        finally:
            self._redirect.point(request["database"])  # closes what was left open
        return found

    def _exercise(self, request: dict[str, Any]) -> Any:
        from .old_code import exercise

        found: list[dict[str, Any]] = []
        only = request.get("tables") or ()
        self._redirect.point(request["database"])
        try:
            self._environment.apart(
                lambda connection: found.extend(
                    exercise(connection, self._learned.metadata, only, self._tree)
                )
            )
        finally:
            self._redirect.point(request["database"])
        return found
