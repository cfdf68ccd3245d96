"""One attempt: open the project in a process of its own, then serve what is asked of it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from . import configuration, drivers, failures, own_package, stand_ins
from .address import scratch_url
from .channel import MAX_OPEN
from .environment import Environment, Learned, NeverRan
from .inspection import OPERATIONS, Inspector
from .lines import Batch, Tree, raised
from .load import Loader, read_chain
from .notes import Notes, failed, versions
from .recovery import Again, Recovery
from .redirect import NotPostgres, Redirect
from .steps import Runner
from .tenants import Arguments, see_search_path
from .tracing import Tracer

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from .channel import Channel


def serve(channel: Channel, notes: Notes, request: dict[str, Any], plan: dict[str, Any]) -> None:
    """Answer ``open`` and what follows, until another ``open``, ``close`` or the end."""
    tree = Tree(request["tree"])
    prepare(request, plan, tree)
    project = Project(channel, notes, request, plan, tree)
    try:
        answer = project.open()
    except Again as again:
        notes.write(again=again.plan)
        return
    except BaseException as error:
        failure = failures.describe(error, tree)
        channel.send({"id": request["id"], "ok": False, "failure": failure})
        notes.write(unopened=True)
        return
    notes.write(stage="open", id=request["id"])
    channel.send(answer, limit=MAX_OPEN)
    _operations(channel, notes, project)


def _operations(channel: Channel, notes: Notes, project: Project) -> None:
    while True:
        request = channel.receive()
        if request is None:
            notes.write(closed=True)
            return
        op, number = request.get("op"), request.get("id")
        if op == "open":
            notes.write(request=request)
            return
        notes.write(stage="run", id=number)
        if op == "close":
            channel.send({"id": number, "ok": True})
            notes.write(closed=True)
            return
        if op == "run":
            channel.send(project.runner.run(request))
        elif op == "create_all":
            channel.send(project.runner.create_all(request))
        elif op in OPERATIONS:
            channel.send(project.inspector.answer(request), limit=MAX_OPEN)
        else:
            channel.send(failed(request, f"unknown operation {op!r}"))
        notes.write(stage="idle", id=number)


def prepare(request: dict[str, Any], plan: dict[str, Any], tree: Tree) -> None:
    """Environment variables, folder and ``sys.path`` as the project's own command has them."""
    stand_ins.install(plan["stand_ins"], plan["packages"])
    if plan["old_collections"]:
        stand_ins.old_collections()
    os.environ.clear()
    os.environ.update(request.get("environ") or {})
    os.environ.update(plan["environ"])
    workdir = tree.absolute(request.get("workdir") or "")
    os.chdir(workdir)
    first: list[str] = []
    last: list[str] = []
    for folder in request.get("sys_path") or ():
        absolute = tree.absolute(folder)
        (last if shadows(absolute) else first).append(absolute)
    for folder, place in plan["path"]:
        (first if place == "first" else last).append(folder)
    kept = [entry for entry in sys.path if entry not in first + last]
    sys.path[:] = [*dict.fromkeys(first), *kept, *dict.fromkeys(last)]
    if plan["own_package"]:
        own_package.install(tree.root)
    if plan["redis"]:
        stand_ins.empty_redis()


def shadows(folder: str) -> bool:
    """Whether a module of that folder would take the place of one of the standard library."""
    standard = getattr(sys, "stdlib_module_names", None) or _listed_standard_modules()
    try:
        names = os.listdir(folder)
    except OSError:
        return False
    for name in names:
        stem, extension = os.path.splitext(name)
        if stem not in standard or stem in _HARMLESS or stem in sys.modules:
            continue
        if extension == ".py" or os.path.isfile(os.path.join(folder, name, "__init__.py")):
            return True
    return False


_HARMLESS = frozenset({"test", "this", "antigravity", "idlelib", "turtledemo", "tests", "__main__"})


def _listed_standard_modules() -> set[str]:
    """Python 3.9 has no ``sys.stdlib_module_names``."""
    names = os.listdir(os.path.dirname(os.__file__))
    return {os.path.splitext(name)[0] for name in names} | set(sys.builtin_module_names)


class Project:
    """The opened project: its configuration, chain, environment and what runs in it."""

    runner: Runner  # once it is open
    inspector: Inspector

    def __init__(
        self,
        channel: Channel,
        notes: Notes,
        request: dict[str, Any],
        plan: dict[str, Any],
        tree: Tree,
    ) -> None:
        self._notes = notes
        self._request = request
        self._plan = plan
        self._tree = tree
        self._arguments = Arguments()
        self._recovery = Recovery(plan, tree, request, self._arguments.missed)
        self._batch = Batch(tree)
        self._tracer = Tracer(channel, tree, self._batch)
        self._redirect = Redirect(request["address"], self._tracer.connected)
        self._learned = Learned()
        self._loader = Loader(tree, notes, plan["skip"], self._recovery.ask)

    def open(self) -> dict[str, Any]:
        """The answer of ``open``. Raises Again, or what makes the project impossible to open."""
        self._redirect.install()
        self._learned.install()
        self._arguments.install()
        self._loader.install()
        self._batch.install()
        self._tracer.install()
        self._redirect.point(self._redirect.address["database"])
        config, script = self._configuration()
        builtin = self._plan["mode"] == "builtin"
        environment = Environment(
            config,
            script,
            self._redirect,
            builtin=builtin,
            version_table=self._request.get("version_table"),
            schema=self._request.get("version_table_schema"),
        )
        self.runner = Runner(
            environment, self._learned, self._tracer, self._batch, self._tree, self._redirect
        )
        self.inspector = Inspector(
            environment, self._learned, self._tree, self._redirect, self.runner
        )
        if self._plan["flask"] or self._request.get("kind") == "flask":
            self._push_application(builtin=builtin)
        self._rehearse(environment)
        self._notes.write(stage="chain")
        chain = read_chain(script, self._loader)
        return self._answer(chain, builtin=builtin)

    def _configuration(self) -> tuple[Config, ScriptDirectory]:
        try:
            return configuration.read(
                self._request, self._tree, self._plan["options"], self._plan["x"]
            )
        except Exception as error:
            self._recovery.ask(error)
            raise

    def _push_application(self, *, builtin: bool) -> None:
        from . import flask_app

        if builtin:
            word = "an empty Flask application"
            if flask_app.push_empty(os.getcwd()) and word not in self._plan["assumed"]:
                self._plan["assumed"].append(word)
            return
        try:
            flask_app.push_context(os.getcwd(), scratch_url(self._redirect.address))
        except BaseException as error:
            self._give_up(error)

    def _rehearse(self, environment: Environment) -> None:
        """Run env.py without any steps, as ``alembic current`` does."""
        self._notes.write(stage="rehearse", path=self._env_path(environment.script))
        try:
            environment.make_schemas(self._plan["schemas"])
            environment.run(see_search_path, dont_mutate=True)
        except BaseException as error:
            if environment.builtin:
                raise
            self._give_up(error)
        self._redirect.point(self._redirect.address["database"])

    def _give_up(self, error: BaseException) -> NoReturn:
        """Ask for another attempt; with the built-in environment when nothing else would help."""
        if isinstance(error, Again):
            raise error
        script = self.runner._environment.script
        self._recovery.ask(error, os.path.join(str(script.dir), "env.py"))
        failure = failures.describe(error, self._tree, env_path=self._env_path(script))
        frames = raised(error, self._tree)
        own = not frames or frames[-1][0] == self._env_path(script)
        missing = stand_ins.packages(self._plan["stand_ins"])
        note = f"{_lacks(missing[0])}; with an empty one, {why(error)}" if missing else why(error)
        raise Again(self._recovery.builtin(note, failure, own_fault=own and not missing))

    def _env_path(self, script: ScriptDirectory) -> str | None:
        return self._tree.relative(os.path.join(str(script.dir), "env.py"))

    def _answer(self, chain: dict[str, Any], *, builtin: bool) -> dict[str, Any]:
        seen = versions()
        seen["driver"] = drivers.version(self._redirect.driver)
        table = self._learned.tables[0] if self._learned.tables else {}
        return {
            "id": self._request["id"],
            "ok": True,
            "chain": chain,
            "environment": "builtin" if builtin else "project",
            "environment_note": self._plan["note"],
            "environment_failure": self._plan["failure"],
            "own_fault": self._plan["own_fault"],
            "assumed": [*self._plan["assumed"], *self._redirect.assumed],
            "version_table": table.get("table", "alembic_version"),
            "version_table_schema": table.get("schema"),
            "version_tables": self._learned.tables,
            "transaction_per_migration": self._learned.transaction_per_migration,
            "schemas": self._plan["schemas"],
            "stand_ins": stand_ins.packages(self._plan["stand_ins"]),
            "has_metadata": bool(self._learned.metadata),
            "versions": seen,
        }


def _lacks(module: str) -> str:
    return (
        f"env.py needs the module {module}, which is not installed here: "
        "declare it among the project's requirements or name an install command"
    )


def why(error: BaseException) -> str:
    """The sentence that says why the project's own env.py could not serve."""
    for item in failures.chain(error):
        if isinstance(item, ModuleNotFoundError) and item.name:
            return _lacks(item.name.partition(".")[0])
        if isinstance(item, NotPostgres):
            return f"env.py connects to {item.dialect}, not to PostgreSQL"
    if isinstance(error, NeverRan):
        return str(error)
    if isinstance(error, SystemExit):
        return f"env.py ended the program (SystemExit({error.code!r}))"
    text = failures.words(error).strip().partition("\n")[0][:300]
    return (
        f"env.py raised {type(error).__name__}: {text}"
        if text
        else f"env.py raised {type(error).__name__}"
    )
