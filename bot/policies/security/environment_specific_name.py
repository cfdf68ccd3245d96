"""A database, host, address or login of one installation was written into the code.

It is right on one server. On a colleague's machine, in the tests, in a copy for another customer
the migration fails, or works on what it should not.

Ask the connection, or the configuration.

Reference: https://12factor.net/config
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from bot.explain.names.names import execute
from bot.explain.python.redaction import HIDDEN
from bot.explain.schema.origin_objects import found_at, ran_upward
from bot.facts import Facts, Project
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.source import nodes_of
from bot.sql.rights import databases
from bot.wording import block, code

SEVERITY = Severity.WARN
PRESETS = (2,)

_SCHEMES = ("postgres", "postgresql", "mysql", "mariadb", "mongodb", "redis", "amqp", "oracle",
            "mssql", "rediss", "amqps", "mongodb+srv", "jdbc")  # fmt: skip
_NOBODYS = ("localhost", "127.0.0.1", "0.0.0.0", "::1", "host", "hostname", "server", "db",  # noqa: S104 - no socket
            "postgres", "database", "redis", "")  # fmt: skip
_EXAMPLES = ("example", "test", "invalid", "localhost", "example.com", "example.org", "example.net")
_ASK = """DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET timezone = ''UTC''', current_database());
END $$"""


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each address in a changed file, and each database that SQL names."""
    for source in facts.sources:
        if source.head is None or not source.path.endswith(".py"):
            continue
        known = {where for _, where in addresses(source.base or "")}
        for line, where in addresses(source.head):
            if where not in known:
                yield _address(facts, source.path, line, where)
    for project in facts.projects:
        yield from _databases(project)


@lru_cache(maxsize=64)
def addresses(text: str) -> tuple[tuple[int, str], ...]:
    """Lines with the host of a database's address in a literal, docstrings left out."""
    nodes = nodes_of(text)
    said = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}  # docstrings
    found = []
    for node in nodes:
        literal = isinstance(node, ast.Constant) and isinstance(node.value, str)
        host = _host(node.value) if literal and id(node) not in said else None  # type: ignore[attr-defined]
        if host is not None:
            found.append((node.lineno, host))  # type: ignore[attr-defined]  # a constant
    return tuple(sorted(set(found)))


def _host(text: str) -> str | None:
    """The host of an address that one installation has; None for examples and the own machine."""
    try:
        parts = urlsplit(text.strip().replace(HIDDEN, "…"))  # brackets would be an IPv6 address
        host = parts.hostname or ""
    except ValueError:
        return None
    scheme = parts.scheme.split("+")[0]
    if scheme not in _SCHEMES or host in _NOBODYS or not set(host).isdisjoint("{}%<>$"):
        return None
    return None if host.endswith(tuple(f".{each}" for each in _EXAMPLES)) else host


def _address(facts: Facts, path: str, line: int, host: str) -> Finding:
    owner = next(
        ((p.config, r.revision) for p in facts.projects for r in p.revisions if r.path == path),
        (None, None),
    )
    return Finding(
        path=path,
        line=line,
        title=f"The address of {code(host)} stands in the code",
        message=f"{code(host)} is the server of one installation. Wherever else this runs, it"
        " reaches the wrong one or none.",
        subject=f"{path}:{host}",
        confidence=Confidence.CERTAIN,
        project=owner[0],
        revision=owner[1],
        remedies=(Remedy("Read it from the environment", block(_READ, "python")),),
    )


_READ = 'url = os.environ["SOURCE_URL"]'


def _databases(project: Project) -> Iterator[Finding]:
    told = set()
    for place, _, piece in ran_upward(project):
        for name in databases(piece.text):
            if (place.path, place.line, name) in told:
                continue
            told.add((place.path, place.line, name))
            yield found_at(
                place,
                title=f"The database {code(name)} is named",
                message=f"{code(name)} is what the database is called on one server. On another"
                " the statement fails, or changes a database that happens to be called so.",
                subject=f"database {name}",
                remedies=(
                    Remedy("Ask the connection for its database", block(execute(_ASK), "python")),
                ),
            )
