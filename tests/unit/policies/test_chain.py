"""The graph and its history: what the miniature pull requests do not reach."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.facts import (
    Anchors,
    Chain,
    Change,
    Difference,
    Notice,
    RoundTrip,
    Source,
)
from bot.facts.rows import RowsSeen, RowsTrip
from bot.policy import Severity
from tests.unit.policies.cases import (
    FAILURE,
    added,
    chain,
    facts,
    failed,
    found,
    only,
    path,
    revision,
    statement,
    step,
)


def test_head_that_base_had_twice_is_nothing_new() -> None:
    """Two heads at base leave room for two heads."""
    base = chain(revision("a"), revision("x"))
    head = chain(revision("a"), revision("x"), revision("b", "a"))
    assert only(facts(base, head, added("b", "a")), "multiple-heads") == []


def test_label_makes_a_head_of_its_own() -> None:
    """A branch label says that two heads are meant, on its first revision and all above it."""
    labelled = (revision("n1", branch_labels=("net",)), revision("n2", "n1"))
    head = chain(revision("a"), revision("b", "a"), *labelled)
    seen = facts(None, head, added("b", "a"), added("n1"), added("n2", "n1"))
    assert only(seen, "multiple-heads") == []


def test_second_head_below_one_label_is_reported() -> None:
    """Within one label there is room for one head."""
    net = revision("n1", branch_labels=("net",))
    base = chain(revision("a"), net)
    head = chain(revision("a"), net, revision("n2", "n1"), revision("n3", "n1"))
    seen = facts(base, head, added("n2", "n1"), added("n3", "n1"))
    assert only(seen, "multiple-heads") == ["Two heads: `n2` and `n3`"]


def test_the_branch_s_first_revision_is_the_one_to_move() -> None:
    """With several own revisions the first follows the other head, and the finding sits on it."""
    base = chain(revision("a"), revision("z", "a"))
    head = chain(revision("a"), revision("z", "a"), revision("b", "a"), revision("c", "b"))
    seen = facts(base, head, added("b", "a"), added("c", "b"), base_added=(path("z"),))
    text = 'revision = "b"\ndown_revision = "a"\n'
    seen = replace(seen, sources=(Source(path("b"), "\n" * 7 + text, None),))
    [finding] = found(seen)["multiple-heads"]
    assert (finding.path, finding.line, finding.revision) == (path("b"), 9, "c")
    assert "`main` gained `z`" in finding.message
    assert '+down_revision = "z"' in (finding.remedies[0].patch or "")


def test_fork_by_the_branch_itself_is_told_apart() -> None:
    """When base gained nothing the branch alone is the cause."""
    base = chain(revision("a"), revision("z", "a"))
    head = chain(revision("a"), revision("z", "a"), revision("b", "a"))
    [finding] = found(facts(base, head, added("b", "a")))["multiple-heads"]
    assert "the branch itself starts beside it" in finding.message


def test_unknown_parent_is_the_only_cause() -> None:
    """A head whose line leads nowhere is no second head as well."""
    head = chain(revision("a"), revision("b", "gone"))
    assert only(facts(None, head, added("b", "gone")), "unknown-parent") == [
        "`b` follows `gone`, which is not in the tree"
    ]


@pytest.mark.parametrize("source", ["docstring", "replaces"])
def test_folded_parent_is_pointed_at(source: str) -> None:
    """A docstring or ``replaces`` that names the missing revision leads to where it went."""
    doc = "Everything so far, 77aa and 88bb.\n\nRevises: 0"
    said = {"doc": doc} if source == "docstring" else {"replaces": ("88bb",)}
    head = chain(revision("a", **said), revision("b", "88bb"))
    [finding] = found(facts(None, head, added("b", "88bb")))["unknown-parent"]
    assert "`a` (`migrations/versions/a.py`) says" in finding.message
    assert 'down_revision = "a"' in finding.remedies[0].text


def test_dependency_may_be_a_label_and_not_the_beginning_of_an_id() -> None:
    """Alembic looks ``depends_on`` up by whole ids and labels."""
    head = chain(
        revision("abcd", branch_labels=("shop",)),
        revision("b", "abcd", depends_on=("shop",)),
        revision("c", "b", depends_on=("ab",)),
    )
    [finding] = found(facts(head, head, added("c", "b")), "chain")["unknown-parent"]
    assert finding.revision == "c"
    assert "`depends_on` of `c` names `ab`" in finding.message


def test_revision_that_follows_itself_is_a_circle() -> None:
    """The smallest circle has one revision."""
    head = Chain((revision("a"), revision("b", "b")), ("a",))
    assert only(facts(None, head, added("b", "b")), "revision-cycle") == ["`b` follows itself"]


def test_moved_and_untouched_revision_is_no_edit() -> None:
    """A new file name changes nothing of what runs; a new parent does."""
    same = replace(
        added("b", "a"), change=Change.RENAMED, old_revision="b", old_down_revision=("a",)
    )
    base = chain(revision("a"), revision("b", "a"))
    assert only(facts(base, base, replace(same, same_code=True)), "edited-history") == []
    moved = replace(same, change=Change.MODIFIED, old_down_revision=("0",))
    [finding] = found(facts(base, base, moved))["edited-history"]
    assert "It now follows `a` instead of `0`." in finding.message


def test_squash_is_one_finding() -> None:
    """A hundred removed revisions are one cause."""
    old = [revision("r000")] + [revision(f"r{n:03}", f"r{n - 1:03}") for n in range(1, 100)]
    squashed = revision("s", replaces=tuple(item.revision for item in old))
    seen = facts(chain(*old), chain(squashed), added("s"))
    [finding] = found(seen, "chain")["removed-history"]
    assert (finding.count, finding.path, finding.line) == (100, path("r000"), 1)
    assert "`s` replaces" in finding.message


@pytest.mark.parametrize(
    ("sql", "sqlstate", "message", "expected"),
    [
        ("CREATE INDEX IF NOT EXISTS ix ON t (a)", "42P07", 'relation "ix" already', "index `ix`"),
        ("ALTER TABLE t ADD COLUMN IF NOT EXISTS a int", "42701", 'column "a" of', "column `a`"),
        ("CREATE EXTENSION IF NOT EXISTS citext", "42710", 'extension "citext" already', None),
        ("CREATE SCHEMA IF NOT EXISTS s", "42P06", 'schema "s" already', None),
        ("DROP TABLE IF EXISTS t", "00000", 'table "t" does not exist, skipping', None),
    ],
)
def test_notice_of_an_object_that_exists(
    sql: str, sqlstate: str, message: str, expected: str | None
) -> None:
    """IF NOT EXISTS that did nothing is reported, except for schemas and extensions."""
    ran = statement(sql, notices=(Notice(sqlstate, f"{message} exists, skipping"),))
    trip = RoundTrip(step(Difference("table", "public.t", None, "…"), statements=(ran,)))
    said = found(facts(None, None, added("b", "a", trip=trip)), "chain")
    titles = [item.title for item in said.get("recreated-object", [])]
    assert titles == (
        [f"IF NOT EXISTS did nothing: the chain already has {expected}"] if expected else []
    )


def test_what_the_upgrade_created_itself_is_no_recreation() -> None:
    """An enum that one upgrade creates twice is a failing upgrade alone."""
    failure = replace(
        FAILURE,
        message='type "mood" already exists',
        sqlstate="42710",
        statement="CREATE TYPE mood AS ENUM ('happy')",
    )
    ran = (
        statement("CREATE TYPE mood AS ENUM ('sad')"),
        statement("CREATE TYPE mood AS ENUM ('happy')"),
    )
    trip = RoundTrip(replace(failed(failure), statements=ran))
    said = found(facts(None, None, added("b", "a", trip=trip)))
    assert set(said) == {"failing-upgrade"}
    assert "create_type=False" in said["failing-upgrade"][0].remedies[0].text


def test_merge_revision_that_only_writes_rows_is_told() -> None:
    """On empty tables there are none to be written; on those with rows there are."""
    merge = added("d", "b", "c", is_merge=True, trip=RoundTrip(step(head="d"), step(), step()))
    quiet = facts(None, None, merge)
    filled = RowsSeen(100, trips=(RowsTrip("d", replace(step(head="d"), rows_touched=100)),))
    written = replace(quiet, projects=(replace(quiet.projects[0], rows=filled),))
    assert found(quiet, "chain") == {}
    [finding] = found(written, "chain")["merge-revision-with-changes"]
    assert "writes rows" in finding.title
    assert "wrote 100 rows" in finding.message


def test_unknown_dependency_sits_on_its_own_line() -> None:
    """The parent is right: the line above is not to be touched."""
    own = revision("b", "a")
    head = chain(revision("a"), replace(own, depends_on=("gone",)))
    item = replace(added("b", "a"), anchors=Anchors(8, 9, 12, 16, depends_on=11))
    [finding] = found(facts(None, head, item), "chain")["unknown-parent"]
    assert finding.line == 11


def test_merge_conflict_sits_on_a_revision_first() -> None:
    """Of all files in conflict the one among the migrations is shown."""
    seen = replace(facts(), conflicts=("README.md", path("b")))
    [finding] = found(seen)["merge-conflict"]
    assert (finding.path, finding.count) == (path("b"), 2)


def test_reworded_history_is_a_remark() -> None:
    """Comments and docstrings alone weigh little."""
    old = replace(added("a"), change=Change.MODIFIED, old_revision="a", same_code=True)
    [finding] = found(facts(None, None, old))["edited-history"]
    assert finding.severity is Severity.NOTE
