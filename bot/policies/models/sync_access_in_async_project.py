"""A blocking engine or session came into the models of an asynchronous project.

While it waits for the database the event loop stands still, and with it every other request of the
process; under asyncpg it does not work at all.

Take `create_async_engine`, `async_sessionmaker` and `AsyncSession`, and await what they give.

Reference: https://docs.sqlalchemy.org/en/20/orm/extensions/asyncio.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from bot.explain.python.declared import ChangedSource, changed_sources
from bot.facts import Facts
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.source import FunctionSource, SourceFile
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "async-models"
PRESETS = (2, 4)
_SESSIONS = frozenset(
    {"sqlalchemy.orm.Session", "sqlalchemy.orm.session.Session", "sqlmodel.Session"}
    | {"sqlalchemy.orm.scoped_session"}
)
_MAKERS = {
    "sqlalchemy.create_engine": "create_async_engine",
    "sqlalchemy.engine.create_engine": "create_async_engine",
    "sqlmodel.create_engine": "create_async_engine",
    "sqlalchemy.engine_from_config": "async_engine_from_config",
    "sqlalchemy.orm.sessionmaker": "async_sessionmaker",
    "sqlalchemy.orm.scoped_session": "async_scoped_session",
    "sqlalchemy.orm.Session": "AsyncSession",
    "sqlmodel.Session": "AsyncSession",
}


def check(facts: Facts) -> Iterator[Finding]:
    """One finding an engine, session or function, where env.py or the models use asyncio."""
    asynchronous = [item for item in facts.projects if item.models and item.models.asynchronous]
    if len(asynchronous) < len([item for item in facts.projects if item.models]):
        return  # the file may be the synchronous project's
    for source in changed_sources(facts) if asynchronous else ():
        yield from _made(source, asynchronous[0].config)
        yield from _taken(source, asynchronous[0].config)


def _made(source: ChangedSource, project: str) -> Iterator[Finding]:
    old = Counter(name for name, _ in _makers(source.base)) if source.base else Counter()
    for name, line in _makers(source.head):
        if old[name] > 0:
            old[name] -= 1
            continue
        short, other = name.rpartition(".")[2], _MAKERS[name]
        yield _finding(
            source.head.path,
            line,
            project,
            title=f"{code(short)} blocks the event loop",
            message="The project talks to its database by asyncio; this waits for it meanwhile.",
            subject=f"made {name}",
            text=f"from sqlalchemy.ext.asyncio import {other}",
        )


def _makers(file: SourceFile) -> Iterator[tuple[str, int]]:
    for use in file.uses:
        if use.kind != "call" or use.name not in _MAKERS:
            continue
        kind = use.argument("class_") or use.argument("sync_session_class")
        if kind is None or kind.last != "AsyncSession":
            yield use.name, use.line


def _taken(source: ChangedSource, project: str) -> Iterator[Finding]:
    old = {item.qualname for item in _takers(source.base)} if source.base else set()
    for item in _takers(source.head):
        if item.qualname in old:
            continue
        yield _finding(
            source.head.path,
            item.line,
            project,
            title=f"{code(item.qualname)} takes a blocking session",
            message="Whoever calls it from a coroutine stops the event loop while it waits.",
            subject=f"takes {item.qualname}",
            text="from sqlalchemy.ext.asyncio import AsyncSession\n\n"
            f"async def {item.name}({_parameters(item)}): ...",
        )


def _parameters(item: FunctionSource) -> str:
    told = []
    for name, stated in item.parameters:
        blocking = any(each in _SESSIONS for each in stated.names)
        told.append(f"{name}: {'AsyncSession' if blocking else stated.text}")
    return ", ".join(["self", *told] if "." in item.qualname else told)


def _takers(file: SourceFile) -> Iterator[FunctionSource]:
    """Functions with a parameter of that type; not listeners, not what `run_sync` is given."""
    handed = {
        use.positional[0].last for use in file.uses if use.last == "run_sync" and use.positional
    }
    methods = [item for owner in file.all_classes for item in owner.methods]
    for item in (*file.functions, *methods):
        listens = any(each.last == "listens_for" for each in item.decorators)
        takes = any(name in _SESSIONS for _, stated in item.parameters for name in stated.names)
        if takes and not listens and item.name not in handed:
            yield item


def _finding(
    path: str, line: int, project: str, *, title: str, message: str, subject: str, text: str
) -> Finding:
    return Finding(
        path=path,
        line=line,
        title=title,
        message=message,
        subject=subject,
        confidence=Confidence.CERTAIN,
        project=project,
        remedies=(Remedy("Take the asynchronous one", block(text, "python")),),
    )
