"""Up, down and up again: which of several traces of one cause is reported."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.facts import (
    BaseBuilt,
    BaseState,
    Change,
    ChangedFile,
    Difference,
    DowngradeShape,
    Facts,
    Failure,
    FailureKind,
    FreshInstall,
    RoundTrip,
    State,
    Step,
)
from bot.policy import Severity
from tests.unit.policies.cases import (
    COLUMN,
    FAILURE,
    TYPE,
    added,
    chain,
    facts,
    failed,
    found,
    path,
    revision,
    statement,
    step,
)

MISSING = Step(State.MISSING)


def seen(trip: RoundTrip, **more: object) -> Facts:
    """The facts of one added revision with that round trip."""
    return facts(None, None, added("b", "a", trip=trip, **more))


@pytest.mark.parametrize(
    ("trip", "shape", "expected"),
    [
        (RoundTrip(step(COLUMN), step(), step()), DowngradeShape.BODY, set()),
        (RoundTrip(failed()), DowngradeShape.EMPTY, {"failing-upgrade"}),
        (RoundTrip(step(COLUMN), MISSING), DowngradeShape.MISSING, {"missing-downgrade"}),
        (
            RoundTrip(step(COLUMN), MISSING, residue=(COLUMN,)),
            DowngradeShape.EMPTY,
            {"missing-downgrade"},
        ),
        (RoundTrip(step(COLUMN), failed()), DowngradeShape.BODY, {"failing-downgrade"}),
        (
            RoundTrip(step(COLUMN, TYPE), step(), failed(), residue=(TYPE,)),
            DowngradeShape.BODY,
            {"downgrade-residue", "failing-reupgrade"},
        ),
        (
            RoundTrip(step(COLUMN, TYPE), step(), step(), residue=(TYPE,)),
            DowngradeShape.BODY,
            {"downgrade-residue"},
        ),
        (
            RoundTrip(step(COLUMN), step(), step(), residue=(COLUMN,), unequal=(COLUMN,)),
            DowngradeShape.BODY,
            {"downgrade-residue"},
        ),
        (
            RoundTrip(step(COLUMN), step(), step(), unequal=(COLUMN,)),
            DowngradeShape.BODY,
            {"unequal-reupgrade"},
        ),
        (RoundTrip(step(), step(), step()), DowngradeShape.EMPTY, {"empty-upgrade"}),
        (RoundTrip(step(), MISSING), DowngradeShape.MISSING, {"empty-upgrade"}),
    ],
)
def test_one_cause_is_one_finding(
    trip: RoundTrip, shape: DowngradeShape, expected: set[str]
) -> None:
    """A missing or failing downgrade is not reported a second time as what it leaves behind."""
    assert set(found(seen(trip, downgrade_shape=shape))) == expected


def test_refusal_is_a_missing_downgrade() -> None:
    """NotImplementedError says that there is no way back; its reason is shown."""
    refusal = Failure(FailureKind.REFUSED, "rows are gone", "NotImplementedError")
    said = found(seen(RoundTrip(step(COLUMN), Step(State.MISSING, refusal))))
    assert set(said) == {"missing-downgrade"}
    assert "It says: `rows are gone`." in said["missing-downgrade"][0].message


def test_rows_alone_need_a_way_back_too() -> None:
    """An upgrade that only touched rows has changed something."""
    trip = RoundTrip(step(rows_touched=3), step(), step())
    said = found(seen(trip, downgrade_shape=DowngradeShape.EMPTY))
    assert set(said) == {"missing-downgrade"}
    assert "It touched 3 rows." in said["missing-downgrade"][0].message


def test_missing_downgrade_is_written_out() -> None:
    """The remedy holds the whole function, in an order that PostgreSQL accepts."""
    trip = RoundTrip(step(TYPE, COLUMN), MISSING)
    [finding] = found(seen(trip, downgrade_shape=DowngradeShape.EMPTY))["missing-downgrade"]
    assert finding.remedies[0].text == (
        "```python\n"
        "def downgrade() -> None:\n"
        '    op.drop_column("users", "nick")\n'
        '    op.execute("DROP TYPE mood")\n'
        "```"
    )
    assert (finding.path, finding.line) == (path("b"), 16)


def test_added_enum_value_is_a_warning_of_its_own() -> None:
    """What PostgreSQL cannot take back does not block, and what it can still does."""
    old, new = ("CREATE TYPE public.mood AS ENUM ('sad')", "CREATE TYPE … AS ENUM ('sad', 'it''s')")
    value = Difference("type", "public.mood", old, new, "values")
    trip = RoundTrip(step(value, COLUMN), step(), step(), residue=(value, COLUMN))
    block, warn = found(seen(trip))["downgrade-residue"]
    assert (block.severity, warn.severity) == (None, Severity.WARN)
    assert "`public.mood` keeps `it's`" in warn.message
    assert "CREATE TYPE mood AS ENUM ('sad')" in warn.remedies[0].text


def test_values_in_another_order_are_ordinary_residue() -> None:
    """Only added values are what PostgreSQL cannot take back."""
    value = Difference("type", "public.mood", "ENUM ('a', 'b')", "ENUM ('b', 'a')", "values")
    [finding] = found(seen(RoundTrip(step(value), step(), step(), (value,))))["downgrade-residue"]
    assert finding.severity is None


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (FailureKind.TIMEOUT, "ran past the time limit"),
        (FailureKind.MEMORY, "needed more memory than the limit"),
        (FailureKind.KILLED, "ended before it was done"),
    ],
)
def test_upgrade_that_was_stopped(kind: FailureKind, words: str) -> None:
    """A step that had to be stopped is a failing upgrade at the function's line."""
    [finding] = found(seen(RoundTrip(failed(Failure(kind, "")))))["failing-upgrade"]
    assert words in finding.title
    assert (finding.path, finding.line) == (path("b"), 12)


def test_one_env_py_that_raises_is_one_finding() -> None:
    """Three revisions that fail for one reason are one cause."""
    failure = Failure(FailureKind.PYTHON, "no", "RuntimeError", path="migrations/env.py", line=4)
    stopped = [added(name, trip=RoundTrip(failed(failure))) for name in "bcd"]
    said = found(facts(None, None, *stopped))
    assert [item.line for item in said["failing-upgrade"]] == [4]


def test_env_py_that_only_head_breaks() -> None:
    """A project's own env.py that ran on base and raises now is a failing upgrade."""
    failure = Failure(FailureKind.PYTHON, "no", "RuntimeError", path="migrations/env.py", line=4)
    said = found(facts(None, None, added("b", "a"), environment_failure=failure))
    assert [(item.path, item.line) for item in said["failing-upgrade"]] == [
        ("migrations/env.py", 4)
    ]


def test_all_in_one_go_may_fail_where_each_passes() -> None:
    """The schema being as at the start, the second upgrade of all is what a deployment does."""
    whole = RoundTrip(step(), step(), failed())
    both = (added("b", "a"), added("c", "b"))
    head = chain(revision("a"), revision("b", "a"), revision("c", "b"))
    assert set(found(facts(None, head, *both, whole=whole))) == {"failing-upgrade"}
    left = replace(whole, residue=(TYPE,))
    assert set(found(facts(None, head, *both, whole=left))) == {
        "downgrade-residue",
        "failing-reupgrade",
    }


def test_whole_change_repeats_nothing() -> None:
    """What one revision alone already showed is not said again of all of them."""
    trip = RoundTrip(step(TYPE), step(), failed(), residue=(TYPE,))
    whole = RoundTrip(step(), failed(), residue=(TYPE,))
    said = found(facts(None, None, added("b", "a", trip=trip), whole=whole), "reversibility")
    assert {name: len(findings) for name, findings in said.items()} == {
        "downgrade-residue": 1,
        "failing-reupgrade": 1,
        "failing-downgrade": 1,
    }


def test_fresh_install_that_fails_as_base_did_is_old() -> None:
    """A chain that never ran from scratch is not this change's doing."""
    fresh = FreshInstall(failed())
    old = BaseState(BaseBuilt.STEPS, FAILURE)
    assert found(facts(None, None, added("b", "a"), fresh=fresh, base_state=old)) == {}
    said = found(facts(None, None, added("b", "a"), fresh=fresh))
    assert "a new installation stops" in said["failing-upgrade"][0].message


def test_base_made_from_models_is_not_compared() -> None:
    """A database that the chain never made differs from the chain's for old reasons."""
    fresh = FreshInstall(step(), (COLUMN,))
    for built, expected in (
        (BaseBuilt.CHAIN, {"unequal-fresh-install"}),
        (BaseBuilt.MODELS, set()),
    ):
        seen = facts(None, None, added("b", "a"), fresh=fresh, base_state=BaseState(built))
        assert set(found(seen)) == expected


@pytest.mark.parametrize(
    ("statements", "empty"),
    [
        ((), True),
        (("CREATE TABLE IF NOT EXISTS t (id int)", "COMMENT ON TABLE t IS NULL"), True),
        (("UPDATE users SET nick = ''",), False),
        (("SELECT id FROM tenants",), False),
        (("DO $$ BEGIN END $$",), False),
        (("REINDEX TABLE users",), False),
        (("/* all */ WITH x AS (SELECT 1) SELECT 1",), False),
    ],
)
def test_only_definitions_without_effect_make_an_empty_upgrade(
    statements: tuple[str, ...], *, empty: bool
) -> None:
    """On empty tables a change of rows has no effect, which proves nothing."""
    ran = tuple(statement(sql) for sql in statements)
    said = found(seen(RoundTrip(step(statements=ran), step(), step())), "reversibility")
    assert bool(said) is empty


def test_silent_upgrade_is_told_by_the_version_table() -> None:
    """Success that left the version row where it was is no success, and no empty upgrade."""
    silent = Step(State.OK, stamped=("a",), expected=("b",))
    said = found(seen(RoundTrip(silent)))
    assert set(said) == {"silent-upgrade"}
    env = ChangedFile("migrations/env.py", Change.MODIFIED, added=(7, 8))
    [finding] = found(replace(seen(RoundTrip(silent)), files=(env,)))["silent-upgrade"]
    assert (finding.path, finding.line) == ("migrations/env.py", 7)


def test_extension_that_the_bot_created_is_a_warning() -> None:
    """The run went on; production may not."""
    ran = statement('CREATE EXTENSION IF NOT EXISTS "file_fdw"', line=14)
    trip = RoundTrip(step(COLUMN, statements=(ran,), extensions=("file_fdw",)), step(), step())
    said = found(seen(trip))
    assert [(item.line, item.subject) for item in said["superuser-needed"]] == [(14, "b:file_fdw")]
