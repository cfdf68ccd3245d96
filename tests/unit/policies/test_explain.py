"""Causes in words and ways back in code."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.explain.code.undo import as_function, take_back
from bot.explain.failures.failure import ways_out
from bot.explain.history.graph import cycles, heads_by_label
from bot.explain.names.names import execute, sql_name
from bot.facts import Chain, Difference, Failure, FailureKind, Revision
from tests.unit.policies.cases import COLUMN, TYPE

USERS = "public.users"


def column(attribute: str, before: str, after: str) -> Difference:
    """A column of which that attribute differs."""
    return Difference("column", f"{USERS}.nick", before, after, attribute, USERS)


@pytest.mark.parametrize(
    ("difference", "code"),
    [
        (
            Difference("table", "shop.items", None, "CREATE TABLE …", table="shop.items"),
            'op.drop_table("items", schema="shop")',
        ),
        (COLUMN, 'op.drop_column("users", "nick")'),
        (
            Difference("index", "public.ix", None, "CREATE INDEX …", table=USERS),
            'op.drop_index("ix", table_name="users")',
        ),
        (
            Difference("constraint", f"{USERS}.uq", None, "UNIQUE (nick)", table=USERS),
            'op.drop_constraint("uq", "users", type_="unique")',
        ),
        (
            Difference("constraint", f"{USERS}.ex", None, "EXCLUDE USING gist (a)", table=USERS),
            'op.drop_constraint("ex", "users")',
        ),
        (TYPE, 'op.execute("DROP TYPE mood")'),
        (
            Difference("function", "public.f(a text)", None, "CREATE FUNCTION …"),
            'op.execute("DROP FUNCTION f(a text)")',
        ),
        (
            Difference("trigger", f"{USERS}.t", None, "CREATE TRIGGER …", table=USERS),
            'op.execute("DROP TRIGGER t ON users")',
        ),
        (
            Difference("role", "Reader", None, "CREATE ROLE …"),
            'op.execute("DROP ROLE \\"Reader\\"")',
        ),
        (
            Difference("column", f"{USERS}.nick", "nick text NOT NULL", None, table=USERS),
            'op.execute("ALTER TABLE users ADD COLUMN nick text NOT NULL")',
        ),
        (
            Difference("constraint", f"{USERS}.uq", "UNIQUE (nick)", None, table=USERS),
            'op.execute("ALTER TABLE users ADD CONSTRAINT uq UNIQUE (nick)")',
        ),
        (
            Difference("index", "public.ix", "CREATE INDEX ix ON public.users (a)", None),
            'op.execute("CREATE INDEX ix ON public.users (a)")',
        ),
        (
            column("nullability", "NOT NULL", "NULL"),
            'op.alter_column("users", "nick", nullable=False)',
        ),
        (column("default", "", "1"), 'op.alter_column("users", "nick", server_default=None)'),
        (
            column("default", "'{:b}'::text", ""),
            'op.alter_column("users", "nick", server_default=sa.text("\'{\\\\:b}\'::text"))',
        ),
        (
            column("type", "text", "integer"),
            'op.execute("ALTER TABLE users ALTER COLUMN nick TYPE text USING nick::text")',
        ),
        (column("comment", "", "x"), 'op.alter_column("users", "nick", comment=None)'),
        (
            Difference("table", USERS, "it's", "x", "comment", USERS),
            "op.execute(\"COMMENT ON TABLE users IS 'it''s'\")",
        ),
        (
            Difference("table", USERS, "owner", "other", "owner", USERS),
            "# restore the owner of table public.users: owner",
        ),
    ],
    ids=lambda value: value.label if isinstance(value, Difference) else "",
)
def test_way_back_is_complete_code(difference: Difference, code: str) -> None:
    """Each difference becomes the call that a reader would write."""
    assert take_back([difference]) == code


def test_way_back_of_a_table_brings_its_indexes() -> None:
    """A table's definition holds one statement for each object that hangs on it."""
    table = Difference(
        "table",
        USERS,
        "CREATE TABLE public.users (\n    id bigint\n);\nCREATE INDEX ix ON public.users (id)",
        None,
        table=USERS,
    )
    assert take_back([table]).endswith('op.execute("CREATE INDEX ix ON public.users (id)")')
    ast.parse(as_function(take_back([table])))


NAMES = st.text(min_size=1, max_size=12)
DIFFERENCES = st.builds(
    Difference,
    kind=st.sampled_from(
        ["table", "column", "index", "constraint", "type", "trigger", "view", "x"]
    ),
    name=NAMES,
    before=st.none() | NAMES,
    after=st.none() | NAMES,
    attribute=st.none() | st.sampled_from(["default", "type", "comment", "values", "definition"]),
    table=st.none() | NAMES,
)


@given(st.lists(DIFFERENCES, max_size=4))
def test_way_back_is_python_whatever_the_names(differences: list[Difference]) -> None:
    """No name of a stranger's breaks out of its string or its comment."""
    tree = ast.parse(as_function(take_back(differences) + "\npass"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert isinstance(node.func.value, ast.Name)
            assert node.func.value.id in ("op", "sa")


@given(st.text(max_size=30))
def test_sql_survives_execute(sql: str) -> None:
    """What SQLAlchemy's text() makes of the literal is the SQL again."""
    [statement] = ast.parse(execute(sql)).body
    assert isinstance(statement, ast.Expr)
    assert isinstance(statement.value, ast.Call)
    literal = ast.literal_eval(statement.value.args[0])
    assert (
        literal.replace("\\:", ":").strip() == sql.strip().removesuffix(";").strip() or "\\" in sql
    )


def test_sql_names_are_quoted_where_they_must_be() -> None:
    """Lower-case words stay bare, and public is where everybody looks."""
    assert sql_name("public.users") == "users"
    assert sql_name("shop.Order items") == 'shop."Order items"'
    assert sql_name('public.say "no"') == '"say ""no"""'


EDGES = st.dictionaries(
    st.sampled_from("abcdefg"), st.frozensets(st.sampled_from("abcdefg"), max_size=3), max_size=7
)


@given(EDGES)
def test_cycles_are_what_reaches_itself(edges: dict[str, frozenset[str]]) -> None:
    """Every revision that descends from itself is in a group, and every group holds one."""
    graph = Chain(
        tuple(Revision(name, f"{name}.py", tuple(sorted(down))) for name, down in edges.items())
    )

    def reached(name: str) -> set[str]:
        seen: set[str] = set()
        waiting = [*edges[name]]
        while waiting:
            following = waiting.pop()
            if following in edges and following not in seen:
                seen.add(following)
                waiting += edges[following]
        return seen

    groups = [{item.revision for item in group} for group in cycles(graph)]
    circling = {name for name in edges if name in reached(name)}
    assert circling <= set().union(*groups)
    assert all(group & circling for group in groups)


def test_thousands_of_revisions_are_walked_quickly() -> None:
    """No recursion: a chain of years is longer than Python's stack."""
    items = [Revision(str(n), f"{n}.py", (str(n - 1),) if n else ()) for n in range(5000)]
    graph = Chain(tuple(items), ("4999",))
    assert list(cycles(graph)) == []
    assert [head.revision for head in heads_by_label(graph)[frozenset()]] == ["4999"]


@pytest.mark.parametrize(
    ("sqlstate", "message", "statement", "code"),
    [
        ("42883", "function uuid_generate_v4() does not exist", "", 'EXISTS "uuid-ossp"'),
        ("42704", 'type "citext" does not exist', "", 'EXISTS "citext"'),
        (
            "42804",
            'column "n" cannot be cast automatically to type integer',
            "ALTER TABLE users ALTER COLUMN n TYPE INTEGER",
            '"users",\n    "n",',
        ),
        (
            "55P04",
            'unsafe use of new value "late" of enum type state',
            "",
            "ALTER TYPE state ADD VALUE IF NOT EXISTS 'late'",
        ),
        (
            "25001",
            "CREATE INDEX CONCURRENTLY cannot run inside a transaction block",
            "",
            "autocommit_block",
        ),
        ("3F000", 'schema "shop" does not exist', "", "CREATE SCHEMA IF NOT EXISTS shop"),
        (
            "23502",
            'column "n" of relation "users" contains null values',
            "",
            "UPDATE users SET n = … WHERE n IS NULL",
        ),
        ("42501", "permission denied for schema x", "", "superuser = true"),
        ("0A000", 'extension "postgis" is not available', "", "postgis"),
        ("22012", "division by zero", "SELECT 1/0", "alembic upgrade"),
    ],
)
def test_known_cause_has_its_own_way_out(
    sqlstate: str, message: str, statement: str, code: str
) -> None:
    """The remedy is in the reader's names; an unknown cause gets the commands that show it."""
    failure = Failure(FailureKind.DATABASE, message, "X", sqlstate, statement)
    [remedy] = ways_out(failure, None)
    assert code in remedy.text


def test_constraint_without_a_name_is_called_as_postgresql_called_it() -> None:
    """The upgrade's effect tells the name that Python could not."""
    made = Difference("constraint", f"{USERS}.users_nick_key", None, "UNIQUE (nick)", table=USERS)
    other = Difference("constraint", f"{USERS}.ck", None, "CHECK (true)", table=USERS)
    text = "Can't emit DROP CONSTRAINT for constraint UniqueConstraint(); it has no name"
    failure = Failure(FailureKind.PYTHON, text, "CompileError")
    [remedy] = ways_out(failure, None, (other, made))
    assert 'op.drop_constraint("users_nick_key", "users", type_="unique")' in remedy.text
    assert '"ck"' not in remedy.text
