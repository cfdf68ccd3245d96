"""Run revisions: explicit steps or Alembic's own choice, and ``create_all``."""

from __future__ import annotations

import contextlib
import functools
import os
import time
from typing import TYPE_CHECKING, Any, Iterable, Iterator

from alembic.runtime.migration import HeadMaintainer, MigrationStep

from . import failures, lines
from .environment import create_schemas

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext
    from alembic.script import Script

    from .environment import Environment, Learned
    from .lines import Batch, Tree
    from .redirect import Redirect
    from .tracing import Tracer

_BATCH = os.path.join("alembic", "operations", "batch.py")


class MissingFunction(Exception):
    """A revision file without the function for this direction; ``path`` is the file's."""

    path: str | None = None


class Runner:
    """Runs operations in one environment, one after the other."""

    def __init__(
        self,
        environment: Environment,
        learned: Learned,
        tracer: Tracer,
        batch: Batch,
        tree: Tree,
        redirect: Redirect,
    ) -> None:
        self._environment = environment
        self._learned = learned
        self._tracer = tracer
        self._batch = batch
        self._tree = tree
        self._redirect = redirect

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer of ``run``."""
        work = _Work(self, request)
        return self._operate(
            request, work, work.destination, reported=bool(request.get("trace", False))
        )

    def create_all(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer of ``create_all``."""
        self._redirect.point(request["database"])
        with contextlib.suppress(Exception):  # what is in the way of it will stop create_all too
            self._environment.apart(lambda connection: _schemas(self._learned.metadata, connection))
        return self._operate(request, _CreateAll(self, request), "heads", reported=False)

    def _operate(
        self, request: dict[str, Any], work: _Work, destination: str | None, *, reported: bool
    ) -> dict[str, Any]:
        self._redirect.point(request["database"])
        self._tracer.begin(
            request["id"],
            request.get("direction"),
            reported=reported,
            watched=reported and bool(request.get("watch", False)),
        )
        started = time.perf_counter()
        failure = None
        try:
            self._environment.run(work, destination=destination)
        except BaseException as error:
            failure = work.failure or self.describe(error)
        else:
            work.finish()
        swallowed = None if failure else work.failure or self._unfinished(work)
        answer = {
            "id": request["id"],
            "ok": failure is None,
            "expected_heads": work.expected,
            "stepped": work.stepped,
            "statements": self._tracer.statements,
            "duration_ms": round((time.perf_counter() - started) * 1000, 3),
            "swallowed": swallowed,
        }
        if failure is not None:
            answer.update(failure=failure, revision=work.failed)
        self._tracer.begin(None, None, reported=False)
        self._redirect.point(request["database"])  # closes what was left open
        return answer

    def _unfinished(self, work: _Work) -> dict[str, Any] | None:
        """A failure that the database saw and env.py kept to itself."""
        if work.complete or self._tracer.last_error is None:
            return None
        return self.describe(self._tracer.last_error)

    def describe(
        self, error: BaseException, path: str | None = None, direction: str | None = None
    ) -> dict[str, Any]:
        """The failure for an exception, with the line of the revision or of env.py."""
        script = self._environment.script
        where = getattr(error, "path", None)
        env_path = self._tree.relative(getattr(script, "env_py_location", script.dir + "/env.py"))
        failure = failures.describe(
            error,
            self._tree,
            revision_path=path,
            env_path=env_path,
            direction=direction,
            batch=self._batch.current if lines.passed(error, "flush", _BATCH) else None,
        )
        if where is not None:
            failure.update(path=where, line=1)
        return failure


class _Work:
    """The function that Alembic calls for its steps; remembers how far they came.

    env.py may run it several times (a schema for each tenant): the same steps each time.
    """

    def __init__(self, runner: Runner, request: dict[str, Any]) -> None:
        self.runner = runner
        self.direction: str = request.get("direction", "upgrade")
        self.target: str | None = request.get("target")
        self.names: list[str] | None = request.get("steps")
        self.destination = self.names[-1] if self.names else self.target
        self.expected: list[str] | None = None
        self.stepped: list[str] = []
        self.failed: str | None = None
        self.failure: dict[str, Any] | None = None
        self.complete = False

    def __call__(self, heads: Any, context: MigrationContext) -> Iterator[Any]:
        self.complete = False
        expected = _Heads(heads)
        self.expected = sorted(expected.heads)
        for step, script in self.steps(heads, context):
            self._watch(step, script)
            yield step
            self.stepped.append(script.revision)
            self.expected = expected.after(step)
        self.complete = True

    def finish(self) -> None:
        """The run ended without an exception."""

    def steps(self, heads: Any, _context: MigrationContext) -> Iterable[tuple[Any, Script]]:
        """(step, script) in order."""
        script_directory = self.runner._environment.script
        if self.names is None:
            upgrade = self.direction == "upgrade"
            find: Any = (
                script_directory._upgrade_revs if upgrade else script_directory._downgrade_revs
            )
            try:
                return [(step, step.revision) for step in find(self.target, heads)]
            except AttributeError:
                for script in script_directory.walk_revisions():
                    self._check(script)
                raise
        scripts = [script_directory.get_revision(name) for name in self.names]
        return self._explicit(script_directory.revision_map, scripts)

    def _explicit(self, revision_map: Any, scripts: list[Any]) -> Iterator[tuple[Any, Script]]:
        for script in scripts:
            self._check(script)
            if self.direction == "upgrade":
                yield MigrationStep.upgrade_from_script(revision_map, script), script
            else:
                yield MigrationStep.downgrade_from_script(revision_map, script), script

    def _check(self, script: Script) -> None:
        if not callable(getattr(script.module, self.direction, None)):
            error = MissingFunction(f"there is no {self.direction}() in this revision")
            error.path = self.runner._tree.relative(script.path)
            self.failed = script.revision
            raise error

    def _watch(self, step: Any, script: Script) -> None:
        function = step.migration_fn
        tracer, runner = self.runner._tracer, self.runner
        path = runner._tree.relative(script.path)

        @functools.wraps(function)
        def watched(**arguments: Any) -> None:
            tracer.step(script.revision, path)
            try:
                function(**arguments)
            except BaseException as error:
                self.failed = script.revision
                self.failure = runner.describe(error, path, self.direction)
                raise
            finally:
                tracer.step(None, None)

        step.migration_fn = watched


class _CreateAll(_Work):
    """Create everything in the metadata, then stamp heads, in the first step's transaction."""

    def __call__(self, heads: Any, context: MigrationContext) -> Iterator[Any]:
        metadata = self.runner._learned.metadata
        if not metadata:
            raise MissingFunction("env.py gives no target_metadata")
        script_directory = self.runner._environment.script
        expected = _Heads(heads)
        steps = script_directory._stamp_revs("heads", heads)
        if not steps:
            _create(metadata, context.connection)
        for index, step in enumerate(steps):
            if index == 0:
                step.migration_fn = lambda **_arguments: _create(metadata, context.connection)
            yield step
            self.expected = expected.after(step)
        self.complete = True


def _create(metadata: list[Any], connection: Any) -> None:
    for item in metadata:
        item.create_all(connection)


def _schemas(metadata: list[Any], connection: Any) -> None:
    """Those of the tables: env.py may put its version table into one of them."""
    names = {table.schema for item in metadata for table in item.tables.values() if table.schema}
    create_schemas(sorted(names), connection)


class _Heads(HeadMaintainer):
    """Alembic's own arithmetic of the version table, without a database."""

    def __init__(self, heads: Any) -> None:
        no_context: Any = None  # only what it would send to a database needs one
        super().__init__(no_context, heads)
        self._lost = False

    def after(self, step: Any) -> list[str] | None:
        """The sorted versions after that step; None once Alembic itself cannot tell."""
        if not self._lost:
            try:
                self.update_to_step(step)
            except Exception:
                self._lost = True
        return None if self._lost else sorted(self.heads)

    def _insert_version(self, version: str) -> None:
        self.heads.add(version)

    def _delete_version(self, version: str) -> None:
        self.heads.discard(version)

    def _update_version(self, from_: str, to_: str) -> None:
        self.heads.discard(from_)
        self.heads.add(to_)
