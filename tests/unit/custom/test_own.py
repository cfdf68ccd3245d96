"""A team's own policies as texts and as words of a stranger: nothing runs here."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.configuration import Stated, Tree, judging
from bot.custom.declared import declared_policy
from bot.custom.files import file_policy
from bot.custom.said import NotUnderstood, findings_of
from bot.facts import Change, ChangedRevision, Facts, Project
from bot.judge import judge
from bot.policy import DEFAULTS, Confidence, Finding, Severity, Unjudged, policies
from bot.report import Display, Format, render
from bot.settings import OwnFile, Rule, SettingsError, own_changes, own_files
from bot.verdict import Judging, Outcome

REVISION = ChangedRevision("b2", "migrations/b2.py", Change.ADDED)
FACTS = Facts(base="b", head="h", projects=(Project("alembic.ini", "m", revisions=(REVISION,)),))
GOOD = {
    "path": "migrations/b2.py",
    "line": 3,
    "title": "It is bad",
    "message": "Very.",
    "subject": "b2",
    "confidence": "certain",
}
FOLDER = ".db-recheck/policies/"
TEXT = '"""Seen.\n\nWhy.\n\nInstead.\n"""\nfrom bot.policy import Severity\nSEVERITY = {}\n{}\n'
FILE = OwnFile(
    FOLDER + "no_x.py", TEXT.format("Severity.BLOCK", "def check(facts): raise SystemExit(1)")
)


def said(**more: Any) -> bytes:
    """What a policy writes that says one thing."""
    return json.dumps({"findings": [{**GOOD, **more}]}).encode()


def test_a_finding_is_taken_as_it_is_said() -> None:
    """With its remedies, and never with a patch."""
    (found,) = findings_of(said(remedies=[{"title": "Mend", "text": "`x`"}]), FACTS)
    assert (found.path, found.line, found.confidence) == ("migrations/b2.py", 3, Confidence.CERTAIN)
    assert found.remedies[0].patch is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b"[" * 100_000,
        said(policy="failing-upgrade"),
        said(waived={"reason": "x", "path": "p", "line": 1}),
        said(introduced=False),
        said(path="../../etc/passwd"),
        said(path="alembic.ini"),
        said(project="other.ini"),
        said(revision="zz"),
        said(line=0),
        said(line="3"),
        said(title=""),
        said(title="x" * 301),
        said(message="x" * 8001),
        said(severity="fatal"),
        said(confidence="sure"),
        said(count=0),
        said(remedies=[{"title": "x", "patch": "--- a\n+++ b\n"}]),
        json.dumps({"findings": [GOOD] * 201}).encode(),
        json.dumps({"findings": [], "verdict": "pass"}).encode(),
        json.dumps({"error": "it broke", "line": 3}).encode(),
        b" " * (1024 * 1024 + 1),
    ],
)
def test_what_no_policy_says_is_refused(data: bytes) -> None:
    """Whole: not even the part that could be read counts."""
    with pytest.raises(NotUnderstood):
        findings_of(data, FACTS)


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*GOOD, "findings", "error", "x"]), inner, max_size=4)
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_no_words_raise_anything_else(data: bytes) -> None:
    """Findings or a refusal."""
    try:
        found = findings_of(data, FACTS)
    except NotUnderstood:
        return
    assert all(isinstance(item, Finding) for item in found)


def test_markdown_of_a_stranger_is_made_harmless() -> None:
    """No mention, no tag, no image."""
    text = "@everyone <img src=x> ![a](http://x) ```suggestion\nx\n```"
    (found,) = findings_of(said(message=text, title="@everyone <b>"), FACTS)
    for words in (found.message, found.title):
        assert "@everyone" not in words
        assert "<img" not in words.replace("\\<", "")
    assert "```suggestion" not in found.message


def test_the_text_says_severity_and_why_without_being_run() -> None:
    """The docstring's parts, as for our own policies."""
    policy = file_policy(FILE, DEFAULTS, lambda *_: ())
    assert (policy.id, policy.severity, policy.group) == ("custom-no-x", Severity.BLOCK, "custom")
    assert (policy.seen, policy.why, policy.instead) == ("Seen.", "Why.", "Instead.")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("def check(", "is no Python"),
        ("x = " + "(" * 5000, "is no Python"),
        ("\0", "is no Python"),
        (TEXT.format("'block'", "def check(facts): ..."), "has no line `SEVERITY ="),
        (TEXT.format("Severity.LOUD", "def check(facts): ..."), "has no line `SEVERITY ="),
        (TEXT.format("Severity.WARN", "check = print"), "has no function `check(facts)`"),
    ],
)
def test_a_text_that_is_no_policy_is_told_and_not_run(text: str, why: str) -> None:
    """Nobody runs it to find out."""

    def never(*_: object) -> tuple[Finding, ...]:
        raise AssertionError("it was run")

    policy = file_policy(OwnFile(FOLDER + "x.py", text), DEFAULTS, never)
    assert policy.check is not None
    with pytest.raises(Unjudged) as raised:
        list(policy.check(FACTS))
    assert why in raised.value.why


def test_where_nothing_may_run_it_is_not_checked() -> None:
    """The verdict is an error that names the policy, and no policy of ours is lost."""
    verdict = judge(FACTS, Judging(own=(file_policy(FILE, DEFAULTS, None),)))
    (gap,) = [item for item in verdict.not_checked if item.what == "policy custom-no-x"]
    assert "runs no code" in gap.why
    assert gap.fatal
    assert verdict.verdict is Outcome.ERROR
    assert {policy.id for policy in policies() if policy.pack == "core"} <= set(verdict.ran)


def test_a_finding_of_theirs_is_in_every_report() -> None:
    """With the rule that it comes from."""
    found = findings_of(said(), FACTS)
    policy = file_policy(FILE, DEFAULTS, lambda *_: found)
    verdict = judge(FACTS, Judging(own=(policy,)))
    assert verdict.verdict is Outcome.FAIL
    for form in Format:
        text = render(form, verdict, Display())
        assert "It is bad" in text
        assert "custom-no-x" in text
    run = json.loads(render(Format.SARIF, verdict, Display()))["runs"][0]
    (rule,) = [item for item in run["tool"]["driver"]["rules"] if item["id"] == "custom-no-x"]
    assert rule["fullDescription"]["text"] == "Why."


def test_nothing_to_check_runs_nothing() -> None:
    """A skipped change does not start a sandbox."""
    policy = file_policy(FILE, DEFAULTS, None)
    assert policy.check is not None
    assert list(policy.check(Facts(base="b", head="h", nothing="Nothing."))) == []


def test_no_policy_of_ours_looks_like_theirs() -> None:
    """The prefix is the team's alone."""
    assert not [policy.id for policy in policies() if policy.id.startswith("custom-")]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({FOLDER + "Bad-Name.py": b""}, "small letters"),
        ({FOLDER + "big.py": b"#" * 65_537}, "65537 bytes"),
        ({FOLDER + "latin.py": b"# \xe9"}, "is not UTF-8"),
        ({f"{FOLDER}p{number}.py": b"" for number in range(51)}, "holds 51 policies"),
        (
            {
                FOLDER + "a_b.py": b"",
                ".db-recheck.toml": b"[[custom]]\nname = 'a-b'\ntable-names = 'x'",
            },
            "is `custom-a-b` already",
        ),
    ],
)
def test_a_folder_that_cannot_be_taken_is_refused(files: dict[str, bytes], words: str) -> None:
    """With the file that is at fault; exit status 2."""
    tree = Tree(files)
    with pytest.raises(SettingsError, match=words):
        Stated(None, {}, {}).load(tree, tree)


def test_what_is_no_policy_file_is_left_alone() -> None:
    """Folders, other suffixes, names that begin with an underscore."""
    names = ("_shared.py", "README.md", "sub/x.py")
    assert own_files(Tree({FOLDER + name: b"" for name in names})) == ()


def test_what_head_does_to_them_is_told() -> None:
    """Altered and removed ones weaken; new ones do not, and do not run."""
    base = Tree({FOLDER + "a.py": b"1", FOLDER + "b.py": b"1", FOLDER + "same.py": b"1"})
    head = Tree({FOLDER + "a.py": b"2", FOLDER + "c.py": b"1", FOLDER + "same.py": b"1"})
    told = [(item.key, item.head, item.weakens) for item in own_changes(base, head, used=False)]
    assert told == [
        ("custom-a", "altered", True),
        ("custom-b", "removed", True),
        ("custom-c", "new", False),
    ]
    loaded = Stated(None, {}, {}).load(base, head)
    assert [policy.id for policy in judging(loaded.settings).own] == [
        "custom-a",
        "custom-b",
        "custom-same",
    ]


def test_settings_may_name_them_and_no_others() -> None:
    """A typo is a typo here too."""
    own = {FOLDER + "a.py": b"", ".db-recheck.toml": b"[policies]\ncustom-a = 'off'\n"}
    tree = Tree(own)
    assert Stated(None, {}, {}).load(tree, tree).settings.policies == {"custom-a": "off"}
    tree = Tree({**own, ".db-recheck.toml": b"[policies]\ncustom-b = 'off'\n"})
    with pytest.raises(SettingsError, match="did you mean `custom-a`"):
        Stated(None, {}, {}).load(tree, tree)


@pytest.mark.parametrize(
    "text",
    [
        "name = 'a'",
        "table-names = 'x'",
        "name = 'A'\ntable-names = 'x'",
        "name = 'a'\ntable-names = '('",
        "name = 'a'\ntable-names = 'x'\nseverity = 'off'",
        "name = 'a'\ntable-names = 'x'\nunknown = 1",
        "name = 'a'\nrequired-columns = 'x'",
        "name = 'a'\nforbidden-types = ['x', 1]",
        "name = 'a'\ntable-names = 'x'\n[[custom]]\nname = 'a'\ntable-names = 'x'",
    ],
)
def test_a_declared_policy_that_is_none_is_refused(text: str) -> None:
    """With what is expected, and its line."""
    tree = Tree({".db-recheck.toml": f"[[custom]]\n{text}\n".encode()})
    with pytest.raises(SettingsError, match=r"\.db-recheck\.toml:1: `custom` must be tables"):
        Stated(None, {}, {}).load(tree, tree)


def test_a_message_of_the_team_is_text() -> None:
    """The rule's words do not become markup either."""
    policy = declared_policy(Rule("a", table_names="x", message="@everyone <b>"))
    assert "@everyone" not in policy.why
    assert policy.id == "custom-a"
