"""The whole observation: a server, an interpreter for each project, their scenarios.

Everything independent overlaps: the server starts while the target's interpreter imports Alembic,
and base's and head's trees are opened side by side.
"""

from __future__ import annotations

import sysconfig
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bot.clock import Clock
from bot.facts import NotChecked, Postgres, Project
from bot.observe.base_cache import BaseCache
from bot.observe.case import Case
from bot.observe.child import ChildGone
from bot.observe.consulted import Consultation
from bot.observe.facilities import Facilities
from bot.observe.interpreter import InstallError
from bot.observe.interpreters import Interpreters, Starter, Tree, Wanted
from bot.observe.layers import left_out
from bot.observe.outcome import as_found
from bot.observe.project import Observer
from bot.observe.room import Room
from bot.observe.rows import RowsOptions
from bot.observe.sandbox import Sandbox
from bot.observe.server import Server, ServerError, ServerOptions
from bot.observe.stated import Stated

_ADVICE: dict[type[Exception], str] = {
    ServerError: "Mend what the message names, and run the check again.",
    InstallError: "Install the project's dependencies into .venv and run the check again,"
    " or give a command with --install.",
    ChildGone: "Run the check again; if it stays, run `alembic current` in the checkout.",
}


@dataclass(frozen=True)
class Plan:
    """All that an observation needs to know; nothing in it came from running the target.

    ``types`` and ``consultation`` are those of ``Case``. ``meanwhile`` is called while the server
    and the first interpreter start, which takes most of a second.
    """

    projects: tuple[Wanted, ...]
    base: Tree
    head: Tree
    checkout: Path
    packages: Path
    changed: frozenset[str]
    base_moved: frozenset[str]
    server: ServerOptions
    install: str = "auto"
    environment: Mapping[str, str] = field(default_factory=dict)
    hidden: tuple[Path, ...] = ()
    rows: RowsOptions = RowsOptions()
    types: Callable[[], bool] = lambda: False
    meanwhile: Callable[[], None] = lambda: None
    stated: Stated = Stated()
    consultation: Consultation | None = None


@dataclass(frozen=True)
class Observation:
    """What was seen."""

    projects: tuple[Project, ...]
    not_checked: tuple[NotChecked, ...]
    postgres: Postgres
    sandbox: str


def observe(
    plan: Plan,
    room: Room,
    clock: Clock,
    environ: Mapping[str, str],
    progress: Callable[[str], None],
    facilities: Facilities,
) -> Observation:
    """Run every scenario of every project.

    Raises:
        ServerError: no usable PostgreSQL.
        SandboxError: the target's code cannot be confined as asked.
    """
    sysconfig.get_config_vars()  # filled at first use, and a second thread may see it half filled
    with ExitStack() as stack, ThreadPoolExecutor(1) as pool:
        starting = pool.submit(_server, plan, room, clock, facilities)
        stack.callback(_close, starting)
        sandbox = facilities.sandbox(
            room, hidden=plan.hidden, zone=environ.get("TZ"), without=left_out(environ)
        )
        starter = Starter(
            room,
            sandbox,
            clock,
            plan.checkout,
            _packages(plan, sandbox, room),
            plan.install,
            plan.environment,
            environ,
            progress,
            facilities.probe,
        )
        cache = _cache(plan)
        remembered = cache.read()
        projects: list[Project] = []
        unseen: list[NotChecked] = []
        for wanted in plan.projects:
            name = wanted.head.name
            case = Case(
                wanted,
                plan.base,
                plan.head,
                plan.changed,
                plan.base_moved,
                plan.server.extensions,
                plan.rows,
                plan.types,
                plan.stated,
                plan.consultation,
            )
            try:
                with Interpreters(
                    starter,
                    wanted,
                    plan.base,
                    plan.head,
                    with_base=name not in remembered or case.code_changed,
                ) as interpreters:
                    plan.meanwhile()
                    observer = Observer(
                        starting.result(), case, interpreters, cache, remembered.get(name), clock
                    )
                    project, missing = observer.observe(progress)
            except Exception as error:
                # What befalls one project must not take the others' facts along
                if starting.exception() is not None:
                    raise
                lost = _lost(wanted, error, starting.result())
                if lost is None:
                    raise
                project, missing = lost
            projects.append(project)
            unseen += missing
        server = starting.result()
        return Observation(
            tuple(projects),
            tuple(unseen),
            Postgres(server.version, server.source, _stand_ins(server)),
            sandbox.describe(),
        )


def _lost(
    wanted: Wanted, error: Exception, server: Server
) -> tuple[Project, tuple[NotChecked, ...]] | None:
    """A project that could not be seen to its end, and why; None for what no project explains."""
    from psycopg import Error

    advice = next((advice for kind, advice in _ADVICE.items() if isinstance(error, kind)), None)
    why = str(error)
    if isinstance(error, Error):
        why = f"the server did not do what the bot itself asked of it: {why.strip()}"
        advice = "Run the check again; if it stays, look into the server's log."
        if said := server.last_words():
            why = f"PostgreSQL ended itself: {said}"
            advice = "Make room where the message says, or see what it names; then run again."
    elif isinstance(error, OSError):
        where = f" ({Path(error.filename).name})" if isinstance(error.filename, str) else ""
        why = f"the machine did not do what was asked of it: {error.strerror or why}{where}"
        advice = "Make room on the disk, or see what the message names."
    if advice is None:
        return None
    environment = wanted.head
    what = f"every changed revision of {environment.name}"
    return as_found(environment), (
        NotChecked(what, why, advice, fatal=True, project=environment.config),
    )


def _stand_ins(server: Server) -> tuple[str, ...]:
    """The stand-ins that were used; a server that has died had told of those before."""
    from psycopg import Error

    try:
        return server.stand_ins
    except Error:
        return ()


def _packages(plan: Plan, sandbox: Sandbox, room: Room) -> Path:
    """Where environments are installed: for this run alone where the child cannot reach the cache.

    Root's home is closed to others, and in a container nothing can be mounted around that.
    """
    if sandbox.closed_folder(plan.packages / "x") is None:
        return plan.packages
    return room.folder("packages", mode=0o755)


def _cache(plan: Plan) -> BaseCache:
    """Base's state is kept for one project at a time: head's code may not run before it is."""
    options = plan.server
    alone = len(plan.projects) == 1 and options.url is None
    return BaseCache(options.cache if alone else None, options.cache_key or "")


def _server(plan: Plan, room: Room, clock: Clock, facilities: Facilities) -> Server:
    with clock.timing("server"):
        return facilities.server(plan.server, room)


def _close(starting: Future[Server]) -> None:
    if starting.exception() is None:
        starting.result().close()
