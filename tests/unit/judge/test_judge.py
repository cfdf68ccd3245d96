"""Policies x facts - waivers = verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facts import Chain, ConfigurationChange, Facts, NotChecked, Project, Revision, Source
from bot.judge import as_base, exit_status, is_on, judge
from bot.policy import Confidence, Finding, Policy, Remedy, Severity
from bot.verdict import Judging, Outcome, Verdict

FACTS = Facts("b" * 40, "h" * 40)
GRAPH = Chain((Revision("a", "a.py"), Revision("b", "b.py")), ("a", "b"))
BLIND = NotChecked("the upgrade of b", "it timed out", "raise timeout", fatal=True)
DRIFT = NotChecked("drift", "the built-in environment ran", "repair env.py")


def finding(path: str = "m.py", line: int = 3, subject: str = "s", **more: object) -> Finding:
    """A finding at that place."""
    made = Finding(path, line, "Title", "message", subject, Confidence.CERTAIN)
    return replace(made, **more)  # type: ignore[arg-type]  # the fields of Finding


def policy(*findings: Finding, name: str = "p", **more: object) -> Policy:
    """A policy of the core that always says this."""

    def check(_: Facts) -> Iterator[Finding]:
        yield from findings

    made = Policy(name, "group", Severity.BLOCK, "core", (), "", "", "", (), check)
    return replace(made, **more)  # type: ignore[arg-type]  # the fields of Policy


def raising(_: Facts) -> Iterator[Finding]:
    """A policy with a bug after its first finding."""
    yield finding()
    raise KeyError("users")


def verdict(*policies: Policy, facts: Facts = FACTS, **judging: object) -> Verdict:
    """The verdict of those policies."""
    return judge(facts, Judging(**judging), policies)  # type: ignore[arg-type]  # Judging's fields


@pytest.mark.parametrize(
    ("severity", "fail_on", "not_checked", "strict", "nothing", "outcome", "status"),
    [
        (Severity.BLOCK, Severity.BLOCK, (), False, None, "fail", 1),
        (Severity.WARN, Severity.BLOCK, (), False, None, "pass", 0),
        (Severity.WARN, Severity.WARN, (), False, None, "fail", 1),
        (Severity.NOTE, Severity.WARN, (), False, None, "pass", 0),
        (Severity.BLOCK, None, (), False, None, "pass", 0),
        (Severity.BLOCK, Severity.BLOCK, (BLIND,), True, None, "fail", 1),
        (Severity.BLOCK, None, (BLIND,), False, None, "error", 3),
        (Severity.WARN, Severity.BLOCK, (BLIND,), False, None, "error", 3),
        (Severity.WARN, Severity.BLOCK, (DRIFT,), False, None, "pass", 0),
        (Severity.WARN, Severity.BLOCK, (DRIFT,), True, None, "error", 3),
        (Severity.NOTE, Severity.BLOCK, (), True, "no migration changed", "skip", 0),
        (Severity.BLOCK, Severity.BLOCK, (), False, "no migration changed", "fail", 1),
    ],
)
def test_the_exit_status_is_the_contracts(
    severity: Severity,
    fail_on: Severity | None,
    not_checked: tuple[NotChecked, ...],
    strict: bool,  # noqa: FBT001 - a column of the table
    nothing: str | None,
    outcome: str,
    status: int,
) -> None:
    """A finding at the gate fails, whatever was not seen; else the unseen is an error."""
    facts = replace(FACTS, not_checked=not_checked, nothing=nothing)
    result = verdict(
        policy(finding(), severity=severity), facts=facts, fail_on=fail_on, strict=strict
    )
    assert (result.verdict.value, exit_status(result)) == (outcome, status)


def test_a_policy_that_raises_costs_only_itself() -> None:
    """Its exception is said, the run is an error, and what others (and it) found stays."""
    broken = replace(policy(name="broken", severity=Severity.WARN), check=raising)
    result = verdict(broken, policy(finding(subject="t"), name="sound", severity=Severity.NOTE))
    assert [item.policy for item in result.findings] == ["broken", "sound"]
    (entry,) = result.not_checked
    assert entry.fatal
    assert "broken" in entry.what
    assert "KeyError" in entry.why
    assert result.verdict is Outcome.ERROR
    assert result.ran == ("sound",)


@pytest.mark.parametrize(
    ("better", "weight", "told"),
    [
        ({}, Severity.BLOCK, ["better"]),
        ({}, Severity.WARN, ["vague", "better"]),
        ({"column": "b"}, Severity.BLOCK, ["better", "vague"]),
        ({"tables": ("s.u",)}, Severity.BLOCK, ["better", "vague"]),
        ({"project": "other.ini"}, Severity.BLOCK, ["better", "vague"]),
    ],
)
def test_a_column_is_told_once(
    better: dict[str, object], weight: Severity, told: list[str]
) -> None:
    """By the policy with the better reason, where that weighs no less; not of another column."""
    about = finding(tables=("s.t",), column="a")
    other = replace(about, **better)  # type: ignore[arg-type]  # the fields of Finding
    first = policy(other, name="better", severity=weight)
    second = policy(about, name="vague", told_by=("better",))
    assert [item.policy for item in verdict(second, first).findings] == told


def test_a_waived_finding_tells_nothing() -> None:
    """Whoever allows the one has not allowed the other."""
    source = Source("m.py", "# db-recheck: allow better: small\nx\n", None)
    about = finding(line=2, tables=("s.t",), column="a")
    first = policy(about, name="better")
    second = policy(about, name="vague", told_by=("better",))
    found = verdict(second, first, facts=replace(FACTS, sources=(source,))).findings
    assert {item.policy: bool(item.waived) for item in found} == {"better": True, "vague": False}


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        ({}, ["cause"]),
        ({"tables": ("s.t",)}, ["cause"]),
        ({"line": 4}, ["effect", "cause"]),
        ({"path": "other.py"}, ["effect", "cause"]),
        ({"column": "a"}, ["effect", "cause"]),
    ],
)
def test_what_stands_in_one_line_is_told_once(cause: dict[str, object], told: list[str]) -> None:
    """A failure, which names no table, by what was refused there."""
    first = policy(finding(**cause), name="cause")  # type: ignore[arg-type]  # Finding's fields
    second = policy(finding(), name="effect", told_by=("cause",))
    assert sorted(item.policy for item in verdict(second, first).findings) == sorted(told)


def test_two_tables_of_one_line_are_told_both() -> None:
    """What is said of one table is no reason to say nothing of the other."""
    first = policy(finding(tables=("s.t",)), name="cause")
    second = policy(finding(tables=("s.u",)), name="effect", told_by=("cause",))
    assert len(verdict(second, first).findings) == 2


def on_lines(*lines: int, **more: object) -> list[Finding]:
    """One thing of one table on each of these lines."""
    rest = {"revision": "b", "tables": ("s.t",), **more}
    return [
        finding(line=line, remedies=(Remedy("Patched", patch=f"of line {line}"),), **rest)  # type: ignore[arg-type]  # the fields of Finding
        for line in lines
    ]


def test_many_alike_findings_are_one() -> None:
    """It stands at the first line, counts them and names the lines of the others."""
    (found,) = verdict(policy(*on_lines(9, 5, 7, 13))).findings
    assert (found.line, found.count) == (5, 4)
    assert found.message.endswith("It is the same on 3 further lines of this file: 7, 9 and 13.")
    assert [remedy.patch for remedy in found.remedies] == [None]


def test_a_patch_of_all_of_them_stays() -> None:
    """It is applied once, and then none of them is there."""
    whole = (Remedy("Patched", patch="of all"),)
    alike = [replace(item, remedies=whole) for item in on_lines(5, 7, 9, 11)]
    (found,) = verdict(policy(*alike)).findings
    assert found.remedies == whole


def test_a_few_alike_findings_stand_for_themselves() -> None:
    """Three lines are read faster than a list of lines, and each keeps its patch."""
    found = verdict(policy(*on_lines(5, 7, 9))).findings
    assert [(item.line, item.count) for item in found] == [(5, 1), (7, 1), (9, 1)]
    assert all(item.remedies[0].patch for item in found)


@pytest.mark.parametrize(
    "other",
    [
        {"tables": ("s.u",)},
        {"revision": "c"},
        {"subject": "downgrade"},
        {"title": "Of another index"},
        {"severity": Severity.NOTE},
        {"path": "other.py"},
    ],
)
def test_what_differs_is_not_alike(other: dict[str, object]) -> None:
    """Another table, revision, direction, title, weight or file."""
    found = verdict(policy(*on_lines(5, 7, 9), *on_lines(11, **other))).findings
    assert len(found) == 4


def test_two_functions_are_told_both() -> None:
    """What the upgrade does is another thing than what the downgrade does."""
    text = "def upgrade():\n" + "    x\n" * 9 + "\n\ndef downgrade():\n" + "    x\n" * 9
    facts = replace(FACTS, sources=(Source("m.py", text, None),))
    found = verdict(policy(*on_lines(3, 5, 7, 9, 14, 15, 16)), facts=facts).findings
    assert [(item.line, item.count) for item in found] == [(3, 4), (14, 1), (15, 1), (16, 1)]


def test_a_waiver_takes_its_own_out_of_many() -> None:
    """The others are still one, and the waiver is no unused one."""
    waiver = "# db-recheck: allow p: this one is small"
    lines = [f"x  {waiver}" if number == 5 else "x" for number in range(1, 15)]
    facts = replace(FACTS, sources=(Source("m.py", "\n".join(lines), None),))
    found = verdict(policy(*on_lines(5, 7, 9, 11, 13)), facts=facts).findings
    assert [(item.line, item.count, bool(item.waived)) for item in found] == [
        (5, 1, True),
        (7, 4, False),
    ]
    assert found[1].message.endswith(": 9, 11 and 13.")


def test_many_times_on_one_line_are_counted() -> None:
    """A line that is named already is not named again."""
    (found,) = verdict(policy(*on_lines(5, 5, 5, 5))).findings
    assert (found.line, found.count, found.message) == (5, 4, "message")


def test_findings_are_sorted_by_severity_path_and_line() -> None:
    """The worst comes first."""
    notes = policy(finding("a.py", 1), name="n", severity=Severity.NOTE)
    blocks = policy(finding("b.py", 9), finding("b.py", 2), finding("a.py", 5), name="z")
    order = [(item.path, item.line) for item in verdict(notes, blocks).findings]
    assert order == [("a.py", 5), ("b.py", 2), ("b.py", 9), ("a.py", 1)]


@pytest.mark.parametrize(
    ("default", "case", "users", "expected"),
    [
        ("block", None, None, "block"),
        ("block", "note", None, "note"),
        ("block", None, "warn", "warn"),
        ("warn", None, "block", "block"),
        ("block", "note", "warn", "note"),
        ("warn", "block", "note", "note"),
    ],
)
def test_the_users_severity_wins_and_lighter_cases_stay_lighter(
    default: str, case: str | None, users: str | None, expected: str
) -> None:
    """A severity of one's own is the policy's new weight, not a reason to weigh trifles more."""
    said = policy(finding(severity=Severity(case) if case else None), severity=Severity(default))
    severities = {"p": Severity(users)} if users else {}
    (item,) = verdict(said, severities=severities).findings
    assert item.severity.value == expected


def test_core_runs_and_the_rest_is_asked_for() -> None:
    """Packs, presets and a severity of one's own switch policies on; off switches them off."""
    core, extra = policy(), policy(pack="contract", presets=(3,))
    assert is_on(core, Judging())
    assert not is_on(core, Judging(severities={"p": None}))
    assert not is_on(extra, Judging())
    assert is_on(extra, Judging(packs=("contract",)))
    assert is_on(extra, Judging(preset="team-standard"))
    assert not is_on(extra, Judging(preset="platform"))
    assert is_on(extra, Judging(severities={"p": Severity.NOTE}))


def heads(facts: Facts) -> Iterator[Finding]:
    """One finding for each head of each project."""
    for project in facts.projects:
        for head in project.head.heads:
            yield finding(f"{head}.py", subject=head, project=project.config)


def test_what_base_has_is_not_introduced() -> None:
    """Policies of the graph judge base too: what they say there never fails the check."""
    graph = replace(policy(name="heads", group="chain"), check=heads)
    project = Project("alembic.ini", "migrations", base=Chain(heads=("a",)), head=GRAPH)
    facts = replace(FACTS, projects=(project,))
    old, new = verdict(graph, facts=facts).findings
    assert (old.path, old.introduced) == ("a.py", False)
    assert (new.path, new.introduced) == ("b.py", True)
    alone = replace(facts, projects=(replace(project, head=project.base),))
    assert verdict(graph, facts=alone).verdict is Outcome.PASS


def test_base_judged_against_itself_changes_nothing() -> None:
    """The view of base holds nothing of the change."""
    project = Project("alembic.ini", "migrations", base=Chain(heads=("a",)), head=GRAPH)
    facts = replace(
        FACTS,
        projects=(project,),
        conflicts=("x",),
        sources=(Source("m.py", "new", "old"),),
        configuration=(
            ConfigurationChange("pyproject.toml", 1, "strict", "true", None, weakens=True),
        ),
        not_checked=(BLIND,),
    )
    base = as_base(facts)
    assert base.projects[0].head == project.base
    assert base.sources[0].head == "old"
    assert (base.conflicts, base.configuration, base.not_checked) == ((), (), ())
    assert as_base(base) == base


@given(st.integers(1, 500), st.integers(1, 500), st.text(), st.text())
def test_fingerprints_do_not_move_with_lines_or_files(
    first: int, second: int, path: str, other: str
) -> None:
    """An edit above, or a renamed file, leaves the finding what it was."""
    here = verdict(policy(finding(path, first))).findings[0]
    there = verdict(policy(finding(other, second))).findings[0]
    assert here.fingerprint == there.fingerprint


def test_every_fingerprint_is_used_once() -> None:
    """Alike findings are numbered; anything that tells them apart makes another fingerprint."""
    same = verdict(policy(finding(line=1), finding(line=2), finding(line=3))).findings
    assert [item.fingerprint.partition("-")[2] for item in same] == ["", "2", "3"]
    unlike = [
        finding(),
        finding(subject="t"),
        finding(project="x.ini"),
        finding(revision="b"),
        finding(project="b"),
    ]
    names = {item.fingerprint for item in verdict(policy(*unlike)).findings}
    names |= {item.fingerprint for item in verdict(policy(finding(), name="q")).findings}
    assert len(names) == 6


def test_a_finding_always_has_a_line() -> None:
    """Lines count from 1, and a range does not end before it begins."""
    (item,) = verdict(policy(finding(line=0, end_line=-4))).findings
    assert (item.line, item.end_line) == (1, 1)
