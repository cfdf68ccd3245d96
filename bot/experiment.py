"""Both trees exported, everything run on them, and what could not be seen said in the facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, partial
from hashlib import sha256
from pathlib import Path

from bot.changes import GitError, export_tree
from bot.clock import Clock, Overdue
from bot.configuration import judging, options_of
from bot.facts import Facts, NotChecked
from bot.judge import is_on
from bot.observe.consulted import Consultation
from bot.observe.facilities import Facilities
from bot.observe.interpreters import Tree, Wanted
from bot.observe.layers import left_out
from bot.observe.room import Room
from bot.observe.rows import RowsOptions
from bot.observe.run import Observation, Plan, observe
from bot.observe.sandbox import SandboxError
from bot.observe.server import ServerError, ServerOptions
from bot.observe.stated import Stated
from bot.policy import policies
from bot.production import NOTHING_STATED, Production
from bot.projects import plan_install
from bot.settings import Settings
from bot.source import read_source
from bot.sql.tree import raw
from bot.subject import Order, Progress, Subject


def run_everything(
    order: Order,
    subject: Subject,
    facts: Facts,
    settings: Settings,
    clock: Clock,
    environ: Mapping[str, str],
    progress: Progress,
    facilities: Facilities | None = None,
    *,
    production: Production = NOTHING_STATED,
    consultation: Consultation | None = None,
) -> Facts:
    """The facts with all that running the change showed; what fails becomes ``not_checked``.

    With a ``consultation`` its questions are answered and no more is run than they need.
    """
    facilities = facilities or Facilities()
    try:
        with clock.last_wall(), facilities.room(order.temporary) as room:
            with clock.timing("export"):
                plan = replace(
                    _plan(order, subject, settings, environ, room),
                    stated=Stated(production.large, production.sizes, production.queries),
                    consultation=consultation,
                )
                if consultation is None:
                    plan = replace(plan, meanwhile=cache(partial(_make_ready, facts)))
            seen = observe(plan, room, clock, environ, progress, facilities)
    except (ServerError, SandboxError, Overdue, GitError) as error:
        unseen = NotChecked(
            what="every changed revision", why=str(error), do=_ADVICE[type(error)], fatal=True
        )
        return replace(
            facts, not_checked=(*facts.not_checked, unseen), timings_ms=clock.timings_ms()
        )
    return _with(facts, seen, clock)


_ADVICE: dict[type[Exception], str] = {
    ServerError: "Mend the server or its URL, or leave --database-url out to use an embedded one.",
    SandboxError: "Do what the message says; docs/how-it-works.md tells what the sandbox needs.",
    Overdue: "Set a longer `timeout`, or find out what the run waits for.",
    GitError: "See whether the checkout is whole and the disk has room.",
}


def _with(facts: Facts, seen: Observation, clock: Clock) -> Facts:
    return replace(
        facts,
        projects=seen.projects,
        postgres=seen.postgres,
        sandbox=seen.sandbox,
        not_checked=(*facts.not_checked, *seen.not_checked),
        timings_ms=clock.timings_ms(),
    )


def _plan(
    order: Order, subject: Subject, settings: Settings, environ: Mapping[str, str], room: Room
) -> Plan:
    change = subject.change
    base_path, head_path = room.folder("base"), room.folder("head")
    export_tree(subject.repository, change.base_tree, base_path)
    export_tree(subject.repository, change.merged_tree, head_path)
    before = {item.name: item for item in subject.old.environments}
    wanted = tuple(Wanted(item, before.get(item.name)) for item in subject.relevance.environments)
    changed = {name for file in change.files for name in (file.path, file.old_path) if name}
    return Plan(
        projects=wanted,
        base=_tree(base_path, subject, merged=False),
        head=_tree(head_path, subject, merged=True),
        checkout=subject.repository.root / subject.repository.subfolder,
        packages=order.packages,
        changed=frozenset(changed),
        base_moved=frozenset(change.base_moved),
        server=ServerOptions(
            url=settings.database_url,
            major=settings.postgres,
            superuser=settings.superuser,
            shared_server=settings.shared_server,
            extensions=settings.extensions or (),
            cache=Path(settings.cache).absolute() if settings.cache else None,
            cache_key=_key(subject, settings, wanted),
            path=environ.get("PATH", ServerOptions.path),
            downloads=order.packages / "postgres",
            without=left_out(environ),
        ),
        install=settings.install,
        environment=settings.environment,
        hidden=(subject.repository.root,),
        rows=RowsOptions(
            settings.rows,
            settings.seed_sql,
            (head_path, subject.repository.root),
            environ.get("PATH", RowsOptions.path),
            (tenant,) if (tenant := options_of(settings).tenant_column) else RowsOptions.tenants,
            downgrades=settings.check_downgrade_locks and settings.table_stats is not None,
        ),
        types=lambda: _asked(settings, "type-errors-in-models"),
    )


def _make_ready(facts: Facts) -> None:
    """Load and read what judging will need; both are kept, so it changes nothing but the time."""
    policies()
    for source in facts.sources:
        for text in (source.head, source.base):
            if text is not None and source.path.endswith(".py"):
                read_source(text, source.path)
    raw("SELECT")  # loads PostgreSQL's parser


def _asked(settings: Settings, name: str) -> bool:
    """Whether that policy is on."""
    return any(policy.id == name and is_on(policy, judging(settings)) for policy in policies())


def _tree(path: Path, subject: Subject, *, merged: bool) -> Tree:
    view = subject.merged if merged else subject.base

    return Tree(path, view.read, lambda environment: plan_install(view, environment))


def _key(subject: Subject, settings: Settings, wanted: tuple[Wanted, ...]) -> str:
    """What decides how base's database looks: its revisions, all that they and env.py may read."""
    digest = sha256(repr((sorted(settings.environment.items()), settings.extensions)).encode())
    digest.update(repr([item.base for item in wanted]).encode())
    for path in sorted(subject.base.paths):
        entry = subject.base.entry(path)
        if entry is not None and not path.endswith((".md", ".rst", ".txt", ".js", ".ts", ".css")):
            digest.update(f"{path}\0{entry.oid}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
