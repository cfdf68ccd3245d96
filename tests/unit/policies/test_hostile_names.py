"""Names and messages are a stranger's: they stay inside code, and no policy stumbles over them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.facts import (
    BaseBuilt,
    BaseState,
    Change,
    ChangedFile,
    Commit,
    Difference,
    Direction,
    DowngradeShape,
    Facts,
    Failure,
    FailureKind,
    FreshInstall,
    Kept,
    Notice,
    OtherPullRequest,
    OtherRevision,
    PullRequest,
    RoundTrip,
    State,
    Step,
    Unloadable,
)
from bot.facts.rows import Filled, Loss, Origin, Refusal, RowsSeen, RowsTrip, Trait
from bot.markup import Kind, pieces
from bot.policy import Finding, policies
from tests.unit.policies.cases import added, chain, facts, found, revision, statement, step

HOSTILE = "x](http://evil) @ada `<img>` ``` # ~"


def everything(name: str) -> Facts:
    """Facts that make every policy speak, with one text for every name in them."""
    there = Difference("type", name, None, name)
    gone = Difference("column", name, name, None, table=name)
    other = Difference("index", name, name, f"{name}2", "definition", name)
    value = Difference("type", name, "'a'", f"'a', '{name.replace(chr(39), '')}'", "values")
    differences = (there, gone, other, value)
    failure = Failure(FailureKind.DATABASE, name, name, "42704", name, name, 3)
    same = replace(failure, message=f'relation "{name}" already exists', sqlstate="42P07")
    ran = statement(f"CREATE TABLE {name}", notices=(Notice("42P07", same.message),))
    up = step(*differences, statements=(ran,), extensions=(name,))
    trips = [
        RoundTrip(up, step(), step(), differences, (replace(there, name=f"{name}3"),)),
        RoundTrip(up, Step(State.FAILED, failure)),
        RoundTrip(up, Step(State.MISSING, replace(failure, kind=FailureKind.REFUSED))),
        RoundTrip(up, step(), Step(State.FAILED, failure), differences),
        RoundTrip(Step(State.FAILED, failure)),
        RoundTrip(Step(State.FAILED, same)),
        RoundTrip(Step(State.FAILED, replace(failure, sqlstate="42501"))),
        RoundTrip(Step(State.OK, stamped=(name,), expected=("y",))),
        RoundTrip(step()),
    ]
    own = [
        replace(added(f"{name}{at}", name, trip=trip, message=name), path=f"{at}{name}")
        for at, trip in enumerate(trips)
    ]
    own.append(replace(own[0], is_merge=True, path=name))
    own.append(replace(own[0], change=Change.MODIFIED, old_revision=own[0].revision))
    own.append(replace(own[0], downgrade_shape=DowngradeShape.MISSING))
    twins = [replace(revision(name), path=f"{name}{at}") for at in range(2)]
    head = chain(
        *twins,
        revision(own[0].revision, f"{name}-gone", depends_on=(f"{name}-gone",)),
        revision(f"{name}c", f"{name}c"),
        revision(f"{name}h"),
        revision(f"{name}i"),
    )
    head = replace(head, unloadable=(Unloadable(name, 1, name),), unloaded=(f"v/1{name}",))
    seen = facts(
        chain(revision(name), revision(f"{name}old", name)),
        replace(head, heads=(f"{name}h", f"{name}i")),
        *own,
        base_state=BaseState(BaseBuilt.CHAIN),
        fresh=FreshInstall(step(), differences),
        environment_failure=replace(failure, kind=FailureKind.PYTHON),
        rows=on_rows(own[0].revision, name, failure),
    )
    theirs = OtherRevision(f"migrations/{name}.py", f"{name}z", own[0].down_revision)
    return replace(
        seen,
        pull_request=PullRequest(7, others=(OtherPullRequest(8, "", name, (theirs,)),)),
        base_name=name,
        conflicts=(name,),
        files=(ChangedFile(f"v/1{name}", Change.ADDED),),
    )


def on_rows(own: str, name: str, failure: Failure) -> RowsSeen:
    """Everything that can go wrong on rows."""
    lost = (
        Loss(name, 3, (name,), 1, 9, name, name),
        Loss(name, 1, (), 1, 1, later=True),
    )
    refusals = tuple(
        Refusal(own, direction, replace(failure, sqlstate=state), trait, name, (name,), name)
        for direction in Direction
        for trait in Trait
        for state in ("23502", "23503", "23505", "23514", "22P02", "55006", None)
    )
    held = (Filled(name, 100, Origin.BASE),)
    return RowsSeen(100, (name,), held, (), (RowsTrip(own, losses=lost),), refusals, odd=True)


def texts(finding: Finding) -> list[str]:
    """All Markdown of a finding."""
    parts = [finding.title, finding.message]
    for remedy in finding.remedies:
        parts += [remedy.title, remedy.text, remedy.trade_off]
    return parts


def test_names_never_leave_their_code_spans() -> None:
    """No policy puts a stranger's text where Markdown would read it."""
    said = found(everything(HOSTILE))
    for policy, findings in said.items():
        for finding in findings:
            for text in texts(finding):
                prose = "".join(each.text for each in pieces(text) if each.kind is Kind.PROSE)
                assert "evil" not in prose, (policy, text)


def test_what_people_write_never_leaves_its_code_spans() -> None:
    """Messages, titles, commits, names of files, owners: the policies of the pack process."""
    seen = everything(HOSTILE)
    paths = tuple(item.path for project in seen.projects for item in project.revisions)
    told = replace(
        seen,
        pull_request=PullRequest(7, HOSTILE, HOSTILE, branch=HOSTILE, base_branch=HOSTILE),
        commits=(Commit(HOSTILE, HOSTILE, paths),),
        kept=Kept((f"specs/database/{HOSTILE}.md", f"changelog.d/{HOSTILE}")),
        files=(ChangedFile(f"routes/{HOSTILE}.py", Change.ADDED),),
    )
    said = found(told, "process")
    assert {"no-linked-issue", "unconventional-commit", "change-outside-data-layer"} <= said.keys()
    assert {"unreferenced-spec", "missing-change-record"} <= said.keys()
    for policy, findings in said.items():
        for finding in findings:
            for text in texts(finding):
                prose = "".join(each.text for each in pieces(text) if each.kind is Kind.PROSE)
                assert "evil" not in prose, (policy, text)


@pytest.mark.parametrize("group", ["chain", "reversibility"])
def test_every_policy_was_asked(group: str) -> None:
    """The facts above make all policies of these groups speak."""
    asked = {each.id for each in policies() if each.group == group}
    assert asked <= found(everything("q")).keys()


@given(st.text(min_size=1, max_size=8))
@settings(max_examples=25)
def test_every_finding_is_complete(name: str) -> None:
    """It has a place, a subject and a way out, whatever the names are."""
    for policy, findings in found(everything(name)).items():
        for finding in findings:
            assert finding.line >= 1, policy
            assert finding.path, policy
            assert finding.subject, policy
            assert finding.remedies, policy
