"""Facts written by hand, as small as a policy's question allows."""

from __future__ import annotations

from bot.facts import (
    Anchors,
    Chain,
    Change,
    ChangedRevision,
    Difference,
    Direction,
    Facts,
    Failure,
    FailureKind,
    Project,
    Revision,
    RoundTrip,
    State,
    Statement,
    Step,
)
from bot.policy import Finding, policies

VERSIONS = "migrations/versions"
TYPE = Difference("type", "public.mood", None, "CREATE TYPE public.mood AS ENUM ('happy', 'sad')")
COLUMN = Difference("column", "public.users.nick", None, "nick text", table="public.users")
FAILURE = Failure(
    FailureKind.DATABASE,
    'relation "nowhere" does not exist',
    "UndefinedTable",
    "42P01",
    "ALTER TABLE nowhere ADD COLUMN nick text",
    f"{VERSIONS}/b.py",
    21,
)


def path(revision: str) -> str:
    """Where the file of a revision lies."""
    return f"{VERSIONS}/{revision}.py"


def revision(name: str, *parents: str, **more: object) -> Revision:
    """A revision as Alembic loads it."""
    return Revision(name, path(name), parents, **more)  # type: ignore[arg-type]  # of a test's choice


def chain(*revisions: Revision) -> Chain:
    """A graph with the heads that Alembic would find."""
    named = {parent for item in revisions for parent in item.down_revision}
    heads = dict.fromkeys(item.revision for item in revisions if item.revision not in named)
    return Chain(revisions, tuple(heads))


def step(*changed: Difference, head: str = "b", **more: object) -> Step:
    """A step that went well and changed this."""
    return Step(
        State.OK,
        changed=changed,
        stamped=(head,),
        expected=(head,),
        **more,  # type: ignore[arg-type]  # of a test's choice
    )


def failed(failure: Failure = FAILURE) -> Step:
    """A step that stopped."""
    return Step(State.FAILED, failure)


def statement(sql: str, line: int = 20, **more: object) -> Statement:
    """A statement of revision b's upgrade."""
    return Statement(
        Direction.UPGRADE,
        sql,
        path("b"),
        line,
        1.0,
        1,
        **more,  # type: ignore[arg-type]  # of a test's choice
    )


def added(
    name: str, *parents: str, trip: RoundTrip | None = None, **more: object
) -> ChangedRevision:
    """A revision that the change adds; its upgrade adds a column and all goes well."""
    return ChangedRevision(
        name,
        path(name),
        Change.ADDED,
        parents,
        anchors=Anchors(revision=8, down_revision=9, upgrade=12, downgrade=16),
        round_trip=trip or RoundTrip(step(COLUMN, head=name), step(head=name), step(head=name)),
        **more,  # type: ignore[arg-type]  # of a test's choice
    )


def facts(
    base: Chain | None = None,
    head: Chain | None = None,
    *revisions: ChangedRevision,
    **more: object,
) -> Facts:
    """One project: base holds revision a, head revision b on top of it, unless given."""
    base = base or chain(revision("a"))
    head = head or chain(revision("a"), revision("b", "a"))
    project = Project(
        "alembic.ini",
        "migrations",
        version_locations=(VERSIONS,),
        base=base,
        head=head,
        revisions=revisions,
        **more,  # type: ignore[arg-type]  # of a test's choice
    )
    return Facts("0" * 40, "1" * 40, base_name="main", projects=(project,))


def found(seen: Facts, group: str = "") -> dict[str, list[Finding]]:
    """What every policy (of the group) says, by the policies' ids; silent ones are left out.

    Without a group those on how a change is told are not asked: facts by hand say nothing of it.
    """
    said = {
        policy.id: list(policy.check(seen))
        for policy in policies()
        if policy.check and (policy.group == group or (not group and policy.pack != "process"))
    }
    return {name: findings for name, findings in said.items() if findings}


def only(seen: Facts, policy: str) -> list[str]:
    """The titles of that policy's findings; no other policy may say anything."""
    said = found(seen)
    assert set(said) <= {policy}
    return [item.title for item in said.get(policy, [])]
