"""From two moments of a transaction to what a statement did between them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facts.locks import ACCESS_EXCLUSIVE, ACCESS_SHARE, MODES, ROW_EXCLUSIVE, SHARE
from bot.observe.locks.effects import LISTED, Moment, done
from bot.observe.locks.relations import Counters, Ignored, Relation, label

TABLE = Relation(20_000, "public", "t", "r", storage=1)
INDEX = Relation(20_001, "public", "t_i", "i", owner="public.t", storage=2)
EVERYTHING_ELSE = Ignored(frozenset({(None, "alembic_version")}))


def moment(*relations: Relation, modes: tuple[str, ...] = (ACCESS_EXCLUSIVE,)) -> Moment:
    """A transaction that sees these relations and holds these modes on each."""
    return Moment(
        {item.oid: frozenset(modes) for item in relations}, {item.oid: item for item in relations}
    )


def renamed(relation: Relation, **values: object) -> Relation:
    """The relation with other values."""
    return Relation(**{**vars(relation), **values})


def test_a_lock_alone_is_an_effect() -> None:
    """The modes that were added, the strongest first, beside those that were held."""
    before = Moment({TABLE.oid: frozenset({SHARE})}, {TABLE.oid: TABLE})
    after = moment(TABLE, modes=(SHARE, ACCESS_SHARE, ACCESS_EXCLUSIVE))
    (effect,) = done(before, after, {TABLE.oid}, EVERYTHING_ELSE).effects
    assert effect.locks == (ACCESS_EXCLUSIVE, ACCESS_SHARE)
    assert effect.held == (SHARE,)
    assert effect.existed
    assert not any((effect.scanned, effect.rewritten, effect.created, effect.dropped))


def test_what_changes_nothing_has_no_effect() -> None:
    """Locks that were there before are no news."""
    assert done(moment(TABLE), moment(TABLE), (), EVERYTHING_ELSE).effects == ()


@pytest.mark.parametrize("mode", [ACCESS_SHARE, ROW_EXCLUSIVE])
def test_a_row_lock_on_an_index_goes_without_saying(mode: str) -> None:
    """Every statement on rows takes it on each index of the table."""
    after = moment(TABLE, INDEX, modes=(mode,))
    found = done(Moment(relations=after.relations), after, (), EVERYTHING_ELSE).effects
    assert [effect.relation for effect in found] == ["public.t"]


def test_an_index_made_anew_under_its_name_is_the_same_one() -> None:
    """It was rewritten, existed if its predecessor did, and the predecessor was not dropped."""
    new = renamed(INDEX, oid=30_000, storage=3)
    before = moment(TABLE, INDEX)
    after = Moment({**before.locks, **moment(new).locks}, {TABLE.oid: TABLE, new.oid: new})
    found = done(before, after, {TABLE.oid, INDEX.oid}, EVERYTHING_ELSE)
    (effect,) = found.effects
    assert (effect.relation, effect.table) == ("public.t_i", "public.t")
    assert (effect.rewritten, effect.created, effect.dropped) == (True, False, False)
    assert effect.existed
    assert found.heirs == {30_000: INDEX.oid}


def test_an_index_that_keeps_its_storage_was_not_built() -> None:
    """So it is when a column's type changes to one of the same bytes."""
    new = renamed(INDEX, oid=30_000)
    before = moment(TABLE, INDEX)
    after = Moment({**before.locks, **moment(new).locks}, {TABLE.oid: TABLE, new.oid: new})
    assert done(before, after, (), EVERYTHING_ELSE).effects == ()


def test_a_table_made_anew_under_its_name_is_another_one() -> None:
    """Its rows are gone: that is a drop."""
    new = renamed(TABLE, oid=30_000)
    after = Moment({**moment(TABLE).locks, **moment(new).locks}, {new.oid: new})
    found = done(Moment(relations={TABLE.oid: TABLE}), after, {TABLE.oid}, EVERYTHING_ELSE)
    assert {(item.existed, item.created, item.dropped) for item in found.effects} == {
        (True, False, True),
        (False, True, False),
    }


def test_a_copy_made_and_dropped_meanwhile_leaves_nothing() -> None:
    """Its lock stays to the end of the transaction, its name is gone."""
    after = Moment({40_000: frozenset({ACCESS_EXCLUSIVE})})
    assert done(Moment(), after, (), EVERYTHING_ELSE).effects == ()


@pytest.mark.parametrize(
    "relation",
    [
        Relation(1, "public", "alembic_version", "r"),
        Relation(1, "tenant", "alembic_version", "r"),
        Relation(1, "public", "alembic_version_pkc", "i", owner="public.alembic_version"),
        Relation(1, "pg_toast", "pg_toast_1", "t"),
        Relation(1, "pg_toast", "pg_toast_1_index", "i", owner="pg_toast.pg_toast_1"),
        Relation(1, "public", "what", "?"),
    ],
)
def test_what_is_nobodys_business_never_appears(relation: Relation) -> None:
    """The version table wherever it stands, TOAST, and kinds that PostgreSQL may yet invent."""
    assert done(Moment(), moment(relation), (), EVERYTHING_ELSE).effects == ()


def test_the_version_table_of_one_schema_only() -> None:
    """With a schema named, a table of that name elsewhere is the application's."""
    ignored = Ignored(frozenset({("audit", "alembic_version")}))
    here, there = (
        Relation(number, schema, "alembic_version", "r")
        for number, schema in enumerate(("audit", "public"))
    )
    found = done(Moment(), moment(here, there), (), ignored).effects
    assert [effect.relation for effect in found] == ["public.alembic_version"]


def test_temporary_schemas_have_one_name() -> None:
    """The number is that of the session, and another in the next run."""
    assert label("pg_temp_17", "t") == "pg_temp.t"


def test_no_more_than_can_be_read() -> None:
    """The strongest are listed, the rest counted."""
    many = [Relation(number, "public", f"t{number}", "r") for number in range(LISTED + 5)]
    found = done(Moment(), moment(*many), (), EVERYTHING_ELSE)
    assert (len(found.effects), found.left_out) == (LISTED, 5)


ODD = st.text(max_size=5)
RELATIONS = st.builds(
    Relation,
    st.integers(0, 5),
    ODD,
    ODD,
    st.sampled_from([*"rpiISvmfct", "?", ""]),
    st.none() | ODD,
    st.integers(0, 3),
    st.booleans(),
)
COUNTERS = st.builds(Counters, *[st.integers(-(2**70), 2**70)] * 4)
MOMENTS = st.builds(
    Moment,
    st.dictionaries(st.integers(0, 5), st.frozensets(st.sampled_from([*MODES, "Odd"]))),
    st.dictionaries(st.integers(0, 5), RELATIONS),
    st.dictionaries(st.integers(0, 5), COUNTERS),
)


@given(MOMENTS, MOMENTS, st.sets(st.integers(0, 5)))
def test_any_two_moments_can_be_compared(before: Moment, after: Moment, existed: set[int]) -> None:
    """Half of them is a stranger's word: nothing is ever raised, and no number runs away."""
    for effect in done(before, after, existed, EVERYTHING_ELSE).effects:
        assert not set(effect.locks) & set(effect.held)
        assert not (effect.created and effect.dropped)
        assert 0 <= effect.inserted <= 2**53
