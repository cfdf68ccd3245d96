"""Names, types and bounds: what the policies on schemas take them for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.explain.guesses.copies import copied
from bot.explain.guesses.plurals import is_plural, plural, singular
from bot.explain.guesses.ranges import limits, started_by
from bot.explain.guesses.references import joins_two, referred
from bot.explain.names.conventions import CATALOGUE, keeps_to, patterns
from bot.explain.names.naming import LONGEST, index_name, short
from bot.explain.schema.indexes import contained, same_keys, serves_lookup
from bot.explain.schema.partitions import uncovered
from bot.explain.schema.types import Fit, fit, sqlalchemy
from bot.facts.data_types import DataType
from bot.facts.schema import Partitioning, Schema, Table
from tests.unit.schema.schemas import BIGINT, TEXT, column, foreign, index, key, table

INTEGER = DataType("integer", "integer", category="N")


def varchar(length: int | None) -> DataType:
    """A text of at most that many characters."""
    return DataType("character varying", "character varying", category="S", length=length)


def numeric(precision: int | None, scale: int | None = None) -> DataType:
    """A number with that many digits."""
    return DataType("numeric", "numeric", category="N", precision=precision, scale=scale)


@pytest.mark.parametrize(
    ("mine", "wanted", "expected"),
    [
        (BIGINT, BIGINT, Fit.SAME),
        (INTEGER, BIGINT, Fit.OTHER),
        (BIGINT, INTEGER, Fit.WIDER),
        (TEXT, varchar(20), Fit.SAME),
        (varchar(20), TEXT, Fit.OTHER),
        (varchar(20), varchar(30), Fit.OTHER),
        (varchar(30), varchar(20), Fit.SAME),
        (TEXT, BIGINT, Fit.OTHER),
        (numeric(10, 2), numeric(12, 2), Fit.OTHER),
        (numeric(12, 0), numeric(10, 2), Fit.OTHER),
        (numeric(12, 2), numeric(10, 2), Fit.SAME),
        (numeric(None), numeric(10, 2), Fit.SAME),
        (numeric(10, 2), numeric(None), Fit.OTHER),
        (DataType("bigint[]", "bigint", array=True), BIGINT, Fit.OTHER),
        (DataType("public.code", "text", domain="public.code"), TEXT, Fit.SAME),
    ],
)
def test_a_type_fits_another_when_it_holds_all_its_values(
    mine: DataType, wanted: DataType, expected: Fit
) -> None:
    """Wider does no harm but costs; anything that some value does not fit is another."""
    assert fit(mine, wanted) is expected


@pytest.mark.parametrize(
    ("data_type", "code"),
    [
        (BIGINT, "sa.BigInteger()"),
        (varchar(20), "sa.String(20)"),
        (varchar(None), "sa.String()"),
        (numeric(10, 2), "sa.Numeric(10, 2)"),
        (DataType("public.mood", "public.mood", "enum", "E"), None),
        (DataType("text[]", "text", category="S", array=True), None),
        (DataType("timestamp(0) with time zone", "timestamp with time zone", precision=0), None),
    ],
)
def test_types_are_written_as_code_where_there_is_a_word(
    data_type: DataType, code: str | None
) -> None:
    """The rest is left to SQL."""
    assert sqlalchemy(data_type) == code


@pytest.mark.parametrize(
    "word", ["orders", "people", "order_lines", "news", "user_data", "statuses", "boxes", "history"]
)
def test_plurals_are_known(word: str) -> None:
    """Words without a plural count as one."""
    assert is_plural(word)


@pytest.mark.parametrize("word", ["order", "status", "address", "analysis", "class", "person"])
def test_singulars_are_known(word: str) -> None:
    """An s at the end makes no plural."""
    assert not is_plural(word)
    assert is_plural(plural(word))
    assert singular(plural(word)) == word


@given(st.text(max_size=80))
def test_words_and_names_of_any_kind_raise_nothing(text: str) -> None:
    """A stranger chose them; what is shortened fits."""
    is_plural(text), singular(text), plural(text)
    assert len(short(text).encode("utf-8", "surrogatepass")) <= max(LONGEST, 0)


def test_the_projects_own_prefix_is_taken_for_new_indexes() -> None:
    """What most of its indexes are called."""
    mine = Schema((table("orders", index("idx_orders_a", "a"), index("idx_orders_b", "b")),))
    assert index_name(mine, "orders", ("c",)) == "idx_orders_c"
    assert index_name(Schema(), "orders", ("c", "d")) == "ix_orders_c_d"


@pytest.mark.parametrize(
    ("name", "pattern", "expected"),
    [
        ("idx_orders_customer_id", "idx_{table}_{columns}", True),
        ("idx_orders_cust_id", "idx_{table}_{columns}", True),
        ("idx_ord_customer_id", "idx_{table}_{columns}", True),
        ("idx_orders_status", "idx_{table}_{columns}", False),
        ("idx_orders", "idx_{table}_{columns}", False),
        ("ix_orders_customer_id", "idx_{table}_{columns}", False),
        ("ix_orders_customer_id", "ix_%(column_0_label)s", True),
        ("ix_orders_customer_id", "ix_%(table_name)s_%(column_0_N_name)s", True),
        ("by_customer", "ix_%(table_name)s_%(column_0_N_name)s", False),
    ],
)
def test_a_name_keeps_to_its_pattern_or_abbreviates_it(
    name: str, pattern: str, *, expected: bool
) -> None:
    """In both ways of writing patterns; a word left out is no abbreviation."""
    orders = table("orders")
    assert keeps_to(name, pattern, orders, index(name, "customer_id")) is expected


def test_of_a_partial_index_the_beginning_is_given() -> None:
    """What it leaves out is not in the pattern."""
    some = index("ix_orders_open", "customer_id", predicate="(state = 'open'::text)")
    assert keeps_to("ix_orders_open", "ix_{table}_{columns}", table("orders"), some)
    assert not keeps_to("open_orders", "ix_{table}_{columns}", table("orders"), some)


def test_metadata_is_the_standard_and_settings_come_first() -> None:
    """The catalogue's own is for projects that state nothing."""
    assert patterns({}, None) == CATALOGUE
    assert patterns({"index": "i_{table}"}, {"ix": "x", "pk": "p"}) == {
        "ix": ("i_{table}",),
        "pk": ("p",),
    }


def test_an_index_serves_lookups_by_its_first_keys_in_any_order() -> None:
    """If it is valid and holds every row that has a value."""
    assert serves_lookup(index("i", "b", "a", "c"), ("a", "b"))
    assert not serves_lookup(index("i", "a", "c", "b"), ("a", "b"))
    assert not serves_lookup(index("i", "a", valid=False), ("a",))
    assert not serves_lookup(index("i", "a", method="brin"), ("a",))
    assert not serves_lookup(index("i", "a", predicate="(b > 0)"), ("a",))
    assert serves_lookup(index("i", "a", predicate="(a IS NOT NULL)"), ("a",))
    assert not serves_lookup(index("i", "a"), ())


def test_indexes_are_compared_by_all_that_decides_what_they_answer() -> None:
    """Name and uniqueness aside; what the shorter carries has to be in the longer."""
    assert same_keys(index("i", "a"), index("j", "a", unique=True))
    assert not same_keys(index("i", "a"), index("j", "a", method="hash"))
    assert contained(index("i", "a"), index("j", "a", "b"))
    assert not contained(index("i", "a"), index("j", "b", "a"))
    assert not contained(index("i", "a", include=("c",)), index("j", "a", "b"))
    assert contained(index("i", "a", include=("b",)), index("j", "a", "b"))
    assert not contained(index("i", "a"), index("j", "a", "b", valid=False))


def parted(strategy: str, *bounds: str) -> tuple[Table, tuple[Table, ...]]:
    """A partitioned table and its partitions."""
    parent = table(
        "events", partitioning=Partitioning(strategy, f"{strategy.upper()} (id)", ("id",))
    )
    parts = tuple(
        table(f"events_{number}", partition_of="public.events", bound=bound)
        for number, bound in enumerate(bounds)
    )
    return parent, parts


@pytest.mark.parametrize(
    ("strategy", "bounds", "expected"),
    [
        ("range", ("FOR VALUES FROM (1) TO (2)", "DEFAULT"), None),
        ("range", ("FOR VALUES FROM (1) TO (2)",), "values outside the ranges"),
        ("range", ("FOR VALUES FROM (MINVALUE) TO (2)", "FOR VALUES FROM (2) TO (MAXVALUE)"), None),
        ("list", ("FOR VALUES IN ('a')",), "values that no partition names"),
        ("list", (), "every row, because there is no partition"),
        (
            "hash",
            (
                "FOR VALUES WITH (modulus 2, remainder 0)",
                "FOR VALUES WITH (modulus 4, remainder 1)",
            ),
            "rows with remainder 3 of 4",
        ),
        (
            "hash",
            (
                "FOR VALUES WITH (modulus 2, remainder 0)",
                "FOR VALUES WITH (modulus 2, remainder 1)",
            ),
            None,
        ),
    ],
)
def test_rows_without_a_partition_are_named(
    strategy: str, bounds: tuple[str, ...], expected: str | None
) -> None:
    """By the bounds as PostgreSQL prints them; moduli may differ."""
    assert uncovered(*parted(strategy, *bounds)) == expected


def test_a_reference_is_known_by_its_name_and_the_key_it_would_have() -> None:
    """Roles in front are tried; a key of another type is none."""
    people = table("people", column("id", BIGINT), key("id"))
    codes = table("codes", column("id", TEXT), key("id"))
    notes = table("notes")
    schema = Schema((people, codes, notes))
    assert referred(schema, notes, column("person_id", BIGINT)) is people
    assert referred(schema, notes, column("writing_person_id", BIGINT)) is people
    assert referred(schema, notes, column("code_id", BIGINT)) is None
    assert referred(schema, notes, column("stripe_id", TEXT)) is None
    assert referred(schema, notes, column("person", BIGINT)) is None


def test_an_association_is_two_keys_that_are_unique_together() -> None:
    """Two keys beside a key of its own are not enough."""
    both = (foreign("a", "public.a", "a_id"), foreign("b", "public.b", "b_id"))
    columns = (column("id", BIGINT), column("a_id", BIGINT), column("b_id", BIGINT))
    assert joins_two(table("ab", *columns[1:], *both, key("a_id", "b_id")))
    assert not joins_two(table("ab", *columns, *both, key("id")))


def test_a_copy_is_known_by_the_parent_it_can_be_read_from() -> None:
    """The parent's name and column; anything else is the table's own."""
    people = table("people", column("id", BIGINT), column("name"), key("id"))
    notes = table(
        "notes",
        column("person_id", BIGINT),
        column("person_name"),
        column("person_email"),
        column("tag_ids"),
        column("count", BIGINT),
        foreign("fk", "public.people", "person_id"),
    )
    schema = Schema((people, notes))
    found = {item.name: copied(schema, notes, item) for item in notes.columns}
    assert {name for name, copy in found.items() if copy} == {"person_name", "tag_ids"}


def test_limits_are_promised_by_numbers_that_are_no_keys() -> None:
    """A text called price promises nothing."""
    offers = table("offers", column("price", BIGINT), column("size_id", BIGINT), column("fee"))
    assert [item.name for item in offers.columns if limits(offers, item)] == ["price"]


@pytest.mark.parametrize(
    ("begin", "end"),
    [("starts_at", "ends_at"), ("valid_from", "valid_until"), ("min_price", "max_price")],
)
def test_two_ends_of_a_range_are_found_by_their_names(begin: str, end: str) -> None:
    """Both of one type."""
    offers = table("offers", column(begin, BIGINT), column(end, BIGINT), column("end", TEXT))
    found = {item.name: started_by(offers, item) for item in offers.columns}
    assert [name for name, other in found.items() if other] == [end]
