"""The policies on schemas, on what the miniature pull requests do not reach."""

from __future__ import annotations

import string
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.facts import Facts, Notice
from bot.facts.data_types import DataType, EnumType
from bot.facts.models import MappedClass, Models, Relationship
from bot.facts.relation import Constraint, Index, IndexKey, Trigger
from bot.facts.schema import CheckTrial, Column, Partitioning, Schema, Sequence, Table
from bot.facts.serial import from_json, to_json
from bot.policy import Confidence, Finding, Options, policies
from tests.unit.schema.schemas import BIGINT, TEXT, column, foreign, index, key, project, table

SCHEMA = {policy.id: policy for policy in policies() if policy.group == "schema"}
NAMES = st.one_of(
    st.sampled_from(
        ["id", "orders", "customer_id", "status", "created_at", "deleted_at", "a.b", ""]
    ),
    st.text(st.sampled_from(string.printable + "é\u202e`"), max_size=12),
)
TYPES = st.builds(
    DataType,
    NAMES,
    st.sampled_from(["bigint", "text", "jsonb", "boolean", "numeric", "timestamp with time zone"]),
    st.sampled_from(["base", "enum", "composite"]),
    st.sampled_from("NSBDU"),
    domain=st.none() | NAMES,
    array=st.booleans(),
    length=st.none() | st.integers(0, 9),
    precision=st.none() | st.integers(0, 9),
)
COLUMNS = st.builds(
    Column, NAMES, st.integers(1, 9), TYPES, st.booleans(), st.none() | NAMES, st.none() | NAMES
)
SOME = st.lists(NAMES, max_size=3).map(tuple)
CONSTRAINTS = st.builds(
    Constraint,
    NAMES,
    st.sampled_from(["primary key", "unique", "check", "foreign key", "exclude"]),
    SOME,
    NAMES,
    references=st.none() | NAMES.map("public.{}".format),
    referenced=SOME,
    on_delete=st.sampled_from(["NO ACTION", "SET NULL", "SET DEFAULT", "CASCADE"]),
    cleared=SOME,
    index=st.none() | NAMES,
)
KEYS = st.builds(IndexKey, st.none() | NAMES, st.none() | NAMES)
INDEXES = st.builds(
    Index,
    NAMES.map("public.{}".format),
    st.lists(KEYS, max_size=3).map(tuple),
    NAMES,
    st.sampled_from(["btree", "gin", "brin"]),
    st.booleans(),
    predicate=st.none() | NAMES,
    constraint=st.none() | NAMES,
)
TRIGGERS = st.builds(Trigger, NAMES, st.just("AFTER"), SOME, NAMES, NAMES)
PARTED = st.builds(Partitioning, st.sampled_from(["range", "list", "hash"]), NAMES, SOME)
TABLES = st.builds(
    Table,
    st.sampled_from(["public", "", "a.b"]),
    NAMES,
    columns=st.lists(COLUMNS, max_size=4).map(tuple),
    constraints=st.lists(CONSTRAINTS, max_size=3).map(tuple),
    indexes=st.lists(INDEXES, max_size=3).map(tuple),
    triggers=st.lists(TRIGGERS, max_size=1).map(tuple),
    partitioning=st.none() | PARTED,
    partition_of=st.none() | NAMES.map("public.{}".format),
    bound=st.none() | st.sampled_from(["DEFAULT", "FOR VALUES FROM ('x') TO ('y')", "nonsense"]),
)


def seen(base: Schema, head: Schema, *statements: str) -> Facts:
    """One project with these schemas."""
    made = replace(project((), (), *statements), schema=head, base_schema=base)
    return Facts("0", "1", projects=(made,), day="2026-01-01")


def said(name: str, facts: Facts, options: Options | None = None) -> list[Finding]:
    """What one policy says."""
    return list(SCHEMA[name].look(facts, options or Options()))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TABLES, max_size=4), st.lists(TABLES, max_size=2), NAMES)
def test_no_policy_raises_on_odd_schemas(head: list[Table], base: list[Table], name: str) -> None:
    """Duplicate and empty names, keys on columns that are not there, bounds that are none."""
    extras = {
        "enums": (EnumType("public.mood", (name,)),),
        "sequences": (Sequence("public", name, "bigint", f"public.{name}.{name}"),),
    }
    facts = seen(Schema(tuple(base)), Schema(tuple(head), **extras))  # type: ignore[arg-type]  # of a test's choice
    trials = tuple(
        CheckTrial(each.full_name, item.name, 9, 0) for each in head for item in each.constraints
    )
    facts = replace(facts, projects=(replace(facts.projects[0], check_trials=trials),))
    for policy in SCHEMA.values():
        for finding in policy.look(facts):
            assert finding.path
            assert finding.line
            assert finding.title
            assert finding.remedies, policy.id


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TABLES, max_size=3))
def test_findings_survive_the_way_through_a_facts_file(head: list[Table]) -> None:
    """The trusted half of a fork's review judges facts that it has read."""
    facts = seen(Schema(), Schema(tuple(head)))
    read = from_json(to_json(facts))
    for policy in SCHEMA.values():
        assert list(policy.look(read)) == list(policy.look(facts))


def test_only_new_faults_are_reported() -> None:
    """What base has already is not this change's."""
    old = table("notes", column("id", TEXT), column("state"), foreign("fk", "public.x", "id"))
    facts = seen(Schema((old,)), Schema((replace(old, comment="now with a comment"),)))
    assert {name for name in SCHEMA if said(name, facts)} == set()


def test_a_name_that_base_has_cut_already_is_not_reported_again() -> None:
    """A migration that uses it says NOTICE each time."""
    cut = "x" * 63
    notice = Notice("42622", f'identifier "{cut}yz" will be truncated to "{cut}"')
    facts = seen(Schema(), Schema(), f"ALTER TABLE {cut}yz ADD COLUMN a text")
    (item,) = facts.projects[0].revisions
    up = item.round_trip.upgrade
    up = replace(up, statements=(replace(up.statements[0], notices=(notice, notice)),))
    item = replace(item, round_trip=replace(item.round_trip, upgrade=up))
    for base, count in ((Schema(), 1), (Schema((table(cut),)), 0)):
        own = replace(facts.projects[0], revisions=(item,), base_schema=base)
        assert len(said("identifier-too-long", replace(facts, projects=(own,)))) == count


@pytest.mark.parametrize(
    ("allowed", "count"), [(["CASCADE"], 1), (["no action", "cascade"], 0), ("nonsense", 0)]
)
def test_on_delete_actions_can_be_restricted(allowed: object, count: int) -> None:
    """What is stated is still outside of the list; a setting of the wrong type is not used."""
    notes = table("notes", column("id", BIGINT), foreign("fk", "public.x", "id"))
    sql = "ALTER TABLE notes ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES x ON DELETE NO ACTION"
    options = Options(policy={"implicit-on-delete": {"allowed": allowed}})
    facts = seen(Schema((table("notes", column("id", BIGINT)),)), Schema((notes,)), sql)
    assert len(said("implicit-on-delete", facts, options)) == count


def test_a_stated_audit_trigger_is_asked_of_every_new_table() -> None:
    """Also in a database that has none yet."""
    options = Options(policy={"missing-audit-trigger": {"audit-trigger": "audit.write"}})
    facts = seen(Schema(), Schema((table("notes", column("id", BIGINT), key("id")),)))
    assert said("missing-audit-trigger", facts) == []
    (finding,) = said("missing-audit-trigger", facts, options)
    assert "EXECUTE FUNCTION audit.write()" in finding.remedies[0].text


def test_a_relationship_of_the_models_makes_a_reference_certain() -> None:
    """Whatever the column is called."""
    people = table("people", column("id", BIGINT), key("id"))
    notes = table("notes", column("id", BIGINT), column("author", BIGINT), key("id"))
    author = Relationship(
        "author", "Person", "public.people", "MANYTOONE", local_columns=("author",)
    )
    models = Models(
        classes=(MappedClass("Note", "Note", "", 0, "public.notes", relationships=(author,)),)
    )
    facts = seen(Schema((people,)), Schema((people, notes)))
    assert said("reference-without-foreign-key", facts) == []
    facts = replace(facts, projects=(replace(facts.projects[0], models=models),))
    (finding,) = said("reference-without-foreign-key", facts)
    assert (finding.column, finding.confidence) == ("author", Confidence.CERTAIN)


def test_a_twin_is_told_once() -> None:
    """Of two new indexes with the same keys the superfluous one is named."""
    notes = table("notes", column("a"), index("one", "a"), index("two", "a"))
    facts = seen(Schema((replace(notes, indexes=()),)), Schema((notes,)))
    assert [item.subject for item in said("duplicate-index", facts)] == ["public.one = public.two"]


def test_plain_tables_of_base_do_not_hide_a_lost_key() -> None:
    """A key that went is reported where it went, and one that was never there is not."""
    had = table("notes", column("id", BIGINT), key("id", name="notes_pkey"))
    lost = replace(had, constraints=())
    facts = seen(Schema((had,)), Schema((lost,)), "ALTER TABLE notes DROP CONSTRAINT notes_pkey")
    (finding,) = said("table-without-primary-key", facts)
    assert "loses its key" in finding.title
    never = seen(Schema((lost,)), Schema((replace(lost, comment="x"),)))
    assert said("table-without-primary-key", never) == []
