"""Which index is chosen for which columns, and when none is."""

from __future__ import annotations

import pytest

from bot.consult.asked import Use, asked
from bot.consult.find import NotThere
from bot.consult.index_choice import Choice, choose, covering, replaced
from bot.consult.index_shapes import shapes
from bot.consult.revision_file import revision_file
from bot.consult.suggest import suggestion
from bot.explain.schema.tenancy import Tenancy
from bot.facts import Chain, Project
from bot.facts.schema import Extension, Schema, Table
from bot.policy import Options
from bot.sql import CreateIndex, IndexKey, Name
from tests.unit.consult.tables import index, schema, table

NOTES = table(
    author="uuid",
    mood="mood",
    text="text",
    done="boolean",
    made="timestamptz",
    seen="timestamptz",
    data="jsonb",
    old="json",
    tags="text[]",
    during="tstzrange",
)


def chosen(words: str, of: Table = NOTES, tenancy: Tenancy | None = None) -> Choice:
    """The choice for columns, as the command line has them."""
    known = schema(of)
    return choose(known, of, asked(known, of, words.split()), tenancy)


@pytest.mark.parametrize(
    ("words", "method", "columns"),
    [
        ("text", "btree", ("text",)),
        ("made author", "btree", ("author", "made")),
        ("made mood author", "btree", ("author", "mood", "made")),
        ("mood id", "btree", ("id", "mood")),
        ("made:desc author", "btree", ("author", "made")),
        ("id:range author", "btree", ("author", "id")),
        ("done author", "btree", ("author", "done")),
        ("data", "gin", ("data",)),
        ("data tags", "gin", ("data", "tags")),
        ("during", "gist", ("during",)),
        ("data author", "btree", ("author",)),
        ("author author", "btree", ("author",)),
    ],
)
def test_equality_then_few_values_then_ranges(
    words: str, method: str, columns: tuple[str, ...]
) -> None:
    """What is compared with = is before what is asked for as a range."""
    choice = chosen(words)
    assert (choice.method, choice.columns) == (method, columns)
    assert all(key.why for key in choice.keys)


def test_the_tenant_leads_and_is_added() -> None:
    """Where the table has the column, and is not exempt."""
    owned = Tenancy("author", None)
    assert chosen("text", tenancy=owned).columns == ("author", "text")
    assert chosen("text author", tenancy=owned).columns == ("author", "text")
    assert chosen("text", tenancy=Tenancy("author", None, exempt=frozenset({"notes"}))).columns == (
        "text",
    )
    assert chosen("text", tenancy=Tenancy("author", "public.notes")).columns == ("text",)
    exempt = Tenancy("author", None, exempt=frozenset({"public.notes"}))
    assert chosen("text", tenancy=exempt).columns == ("text",)
    assert chosen("author=x text", tenancy=owned).columns == ("text",)


USERS = table("users", text="text")
OWNED = table("notes", user_id="bigint", tenant_id="bigint", text="text")
MINE = table("notes", user_id="bigint", text="text")


@pytest.mark.parametrize(
    ("tables", "options", "columns", "noted"),
    [
        ((MINE, USERS), Options(), ("user_id", "text"), True),
        ((MINE,), Options(), ("user_id", "text"), True),
        ((OWNED, USERS), Options(), ("tenant_id", "text"), False),
        ((MINE, USERS, table("tenants")), Options(), ("text",), False),
        ((MINE, USERS), Options(tenant_column="user_id"), ("user_id", "text"), False),
        ((MINE, USERS), Options(tenant_table="users"), ("user_id", "text"), False),
        ((OWNED, USERS), Options(tenant_column="user_id"), ("user_id", "text"), False),
        ((MINE, USERS), Options(tenant_exempt=("notes",)), ("text",), False),
        ((MINE, USERS), Options(tenant_column="org_id"), ("text",), False),
        ((table("notes", text="text"), USERS), Options(), ("text",), False),
    ],
)
def test_the_tenant_is_the_one_that_the_policies_go_by(
    tables: tuple[Table, ...], options: Options, columns: tuple[str, ...], noted: object
) -> None:
    """Stated, else read from the schema; that users were taken for tenants is said."""
    project = Project("alembic.ini", "m", schema=schema(*tables), head=Chain(heads=("a1",)))
    told = suggestion(project, tables[0], ["text"], options)
    assert told.choice.columns == columns
    assert any("`user_id` is taken for the tenant" in note for note in told.choice.notes) is noted


def test_the_tenant_is_a_key_of_gin_only_with_the_extension() -> None:
    """Else it says what PostgreSQL does instead."""
    owned = Tenancy("author", None)
    without = chosen("data", tenancy=owned)
    assert without.columns == ("data",)
    assert "btree_gin" in without.notes[0]
    known = Schema((NOTES,), extensions=(Extension("btree_gin", "1.3", "public"),))
    choice = choose(known, NOTES, asked(known, NOTES, ["data"]), owned)
    assert choice.columns == ("author", "data")


@pytest.mark.parametrize(
    ("words", "predicate"),
    [
        ("done=true made", "done"),
        ("done=false made", "NOT done"),
        ("mood=calm made", "mood = 'calm'"),
        ("id=-5 made", "id = -5"),
        ("seen=null made", "seen IS NULL"),
        ("seen=not-null text=a'b made", "seen IS NOT NULL AND text = 'a''b'"),
        ("id=1;x made", "id = '1;x'"),
    ],
)
def test_a_fixed_value_is_the_condition(words: str, predicate: str) -> None:
    """As SQL in which a value is a literal and nothing else."""
    assert chosen(words).predicate == predicate


def test_what_no_index_serves_is_said() -> None:
    """A boolean alone, and a type without operators."""
    assert chosen("done").keys == ()
    assert "done=true" in chosen("done").notes[0]
    assert chosen("old").keys == ()
    assert "make it `jsonb`" in chosen("old").notes[0]
    assert chosen("done=true").columns == ("id",)


@pytest.mark.parametrize(
    ("words", "held", "covered"),
    [
        ("text", index("a", "text"), True),
        ("text", index("a", "text", "made"), True),
        ("text author", index("a", "author", "text"), True),
        ("author made", index("a", "author", "made"), True),
        ("author made", index("a", "made", "author"), False),
        ("author made", index("a", "author"), False),
        ("text", index("a", "author", "text"), False),
        ("text", index("a", "text", predicate="done"), False),
        ("text author", index("a", "text", unique=True), True),
        ("text made=null", index("a", "text"), False),
        ("text seen:include", index("a", "text"), False),
    ],
)
def test_what_is_there_already(words: str, held: object, covered: bool) -> None:  # noqa: FBT001 # a table
    """An index that begins with the same keys, or that finds the one row."""
    of = table(
        "notes",
        held,  # type: ignore[arg-type]  # an Index
        author="uuid",
        text="text",
        made="timestamptz",
        seen="timestamptz",
    )
    assert (covering(of, chosen(words, of)) is not None) is covered


def test_a_beginning_of_the_new_index_is_replaced() -> None:
    """But no unique one, no partial one and none of a constraint."""
    of = table(
        "notes",
        index("a", "author"),
        index("b", "author", unique=True),
        index("c", "author", predicate="made IS NULL"),
        index("d", "text"),
        author="uuid",
        text="text",
        made="timestamptz",
    )
    names = [item.name for item in replaced(of, chosen("author text made", of))]
    assert names == ["public.a"]


def test_shapes_say_what_is_served_and_what_is_not() -> None:
    """By the beginning of the index, and not by what follows it."""
    found = shapes(NOTES, chosen("author made text"))
    served = {item.where for item in found if item.served}
    assert (("author", "="), ("text", "="), ("made", ">=")) in served
    assert any(not item.served and item.where == (("text", "="),) for item in found)
    assert any("ILIKE" in item.fixed[0] for item in found if not item.served and item.fixed)
    (partial,) = [i for i in shapes(NOTES, chosen("done=true made")) if i.order]
    assert partial.fixed == ("done",)


def test_the_file_follows_the_head() -> None:
    """One head is its parent; of several it says that they are to be merged."""
    made = CreateIndex("ix_a", Name("notes", "public"), "btree", (IndexKey("author", "author"),))
    name, text = revision_file(made, NOTES, schema(NOTES), ("b2",))
    assert f'revision = "{name}"' in text
    assert 'down_revision = "b2"' in text
    assert "postgresql_concurrently=True" in text
    compile(text, "revision", "exec")
    _, text = revision_file(made, NOTES, schema(NOTES), ("b2", "c3"))
    assert 'down_revision = "b2"  # one of several heads: b2, c3; merge them first' in text
    compile(text, "revision", "exec")


def test_a_name_follows_the_settings_and_is_free() -> None:
    """The project's pattern, and never a name that is taken."""
    of = table("notes", index("x_notes_text", "made"), text="text", made="timestamptz")
    project = Project("alembic.ini", "m", schema=schema(of), head=Chain(heads=("a1",)))
    naming = Options(naming={"index": "x_{table}_{columns}"})
    told = suggestion(project, of, ["text"], naming)
    assert told.name == "x_notes_text_2"
    assert told.sql == "CREATE INDEX x_notes_text_2 ON notes USING btree (text)"


@pytest.mark.parametrize("word", ["nothing", "nothing=1", "text:never", "mood=sad", "done=1"])
def test_what_is_no_column_use_or_value_is_refused(word: str) -> None:
    """In a sentence."""
    with pytest.raises(NotThere):
        chosen(word)


def test_a_use_is_not_taken_for_a_fixed_value() -> None:
    """``include`` only carries."""
    choice = chosen("author text:include")
    assert choice.include == ("text",)
    assert choice.used(Use.EQUAL) == ("author",)
