"""Where the parts of SQL come from, and which literals are secrets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.explain.python.dataflow import Grade
from bot.explain.python.interpolation import built
from bot.explain.python.secrets import in_python, in_sql, looks, says_secret

RUN = "    op.execute({})\n"
FOREIGN, UNKNOWN = Grade.FOREIGN, Grade.UNKNOWN


def grades(body: str, *, public: bool = False) -> list[Grade]:
    """The grade of each call that runs a text with a part that is no constant."""
    return [item.grade for item in built(body, public=public)]


@pytest.mark.parametrize(
    ("body", "grade"),
    [
        ('op.execute(f"DROP TABLE {name()}")', UNKNOWN),
        ('op.execute("DROP TABLE " + os.environ["T"])', FOREIGN),
        ('op.execute("DROP TABLE {}".format(input()))', FOREIGN),
        ('op.execute("SELECT %s" % bind.execute("SELECT x FROM t").scalar())', FOREIGN),
        ('rows = c.execute("SELECT x FROM t")\nfor r in rows:\n    op.execute(f"{r.x}")', FOREIGN),
        ('for r in c.execute("SELECT relname FROM pg_class"):\n    op.execute(f"{r}")', UNKNOWN),
        ('q = "SELECT "\nq += os.getenv("X")\nop.execute(q)', FOREIGN),
        ('def f(x):\n    op.execute(f"DROP {x}")\nf(os.environ["T"])', FOREIGN),
        ('def f():\n    return os.environ["T"]\nop.execute(f"DROP {f()}")', FOREIGN),
        ('op.execute("SELECT " + ", ".join(os.environ))', FOREIGN),
    ],
)
def test_parts_that_somebody_else_decides(body: str, grade: Grade) -> None:
    """However the text is put together, and through however many names."""
    assert grades(body) == [grade]


@pytest.mark.parametrize(
    "body",
    [
        'op.execute("SELECT 1")',
        'T = "a"\nop.execute(f"DROP TABLE {T}")',
        'for t in ("a", "b"):\n    op.execute(f"DROP TABLE {t}")',
        'for t, c in {"a": "b"}.items():\n    op.execute(f"DROP TABLE {t}{c}")',
        'op.execute(f"DROP TABLE {quote(os.environ[1])}")',
        'op.execute(sa.text("SELECT :x").bindparams(x=os.environ["X"]))',
        'op.execute("SELECT 1 WHERE id = %s", (os.environ["X"],))',
        'op.execute(f"LIMIT {int(os.environ[1])}")',
        'from app import TABLE\nop.execute(f"DROP TABLE {TABLE}")',
        'op.execute(open("a.sql").read() + ";")',
        'op.execute(f"SELECT {User.__tablename__}")',
        'def f(x):\n    op.execute(f"DROP {x}")\nf("a")\nf(x="b")',
        'op.execute("DROP " + ", ".join(f"{t}" for t in ["a", "b"]))',
        'for (n,) in c.execute("SELECT x FROM pg_class"):\n    op.execute(f\'DROP "{n}"\')',
        "b = table(name())\nop.execute(select(a.c.x).join(b, b.c.id == a.c.id))",
        "b = table(name())\nop.execute(select(a.c.x).join(b))",
        "b = table(name())\nq = select(a.c.x)\nop.execute(q.join(b))",
        "def broken(:",
    ],
)
def test_parts_that_the_file_decides(body: str) -> None:
    """Constants, loops over them, quoted names, bound values, files of the repository."""
    assert grades(body) == []


def test_arguments_of_a_public_function_are_somebody_elses() -> None:
    """In a model nobody of the file calls it; a migration's helper without a call never runs."""
    body = 'class A:\n    def f(self, x):\n        self.s.execute(text(f"SELECT {x}"))'
    assert grades(body, public=True) == [FOREIGN]
    assert grades(body) == []


@given(st.text(max_size=80))
def test_no_text_makes_it_raise(text: str) -> None:
    """What is no Python has neither parts nor secrets."""
    built(text, public=True)
    in_python(text)
    in_sql(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('PASSWORD = "Qw3rty!uiop"', "Qw3rty!uiop"),
        ('connect(password="Qw3rty!uiop")', "Qw3rty!uiop"),
        ('row = {"api_key": "0a1b2c3d4e5f6a7b"}', "0a1b2c3d4e5f6a7b"),
        ('URL = "postgresql://app:s3cr3tXy@db.acme.io/x"', "s3cr3tXy"),
        ('x = "AKIAQ7XWEL3T9RZ2MB5K"', "AKIAQ7XWEL3T9RZ2MB5K"),
        ("op.execute(\"ALTER ROLE a PASSWORD 'hunter2'\")", "hunter2"),
    ],
)
def test_secret_is_found(text: str, value: str) -> None:
    """By its form, by its place, by the name that it has."""
    assert [(item.value, item.line) for item in in_python(text)] == [(value, 1)]


@pytest.mark.parametrize(
    "text",
    [
        'PASSWORD = os.environ["PASSWORD"]',
        'PASSWORD_COLUMN = "password_hash_1"',
        'PASSWORD = "changeme-123"',
        'URL = "postgresql://postgres:postgres@localhost/x"',
        'URL = "postgresql://app:{password}@db.acme.io/x"',
        'op.add_column("users", sa.Column("password", sa.String(60)))',
        'op.execute("ALTER ROLE a PASSWORD NULL")',
        'token_type = "Bearer1234"',
        'password = "$2b$12$abcdefghijklmnopqrstuv"',
        'secret = "a sentence with 1 Number"',
    ],
)
def test_no_secret_is_made_up(text: str) -> None:
    """Placeholders, names of columns, what comes from the environment, hashes."""
    assert in_python(text) == ()


def test_names_and_values() -> None:
    """A name may be about a secret without being one; so may a value look like a word."""
    assert says_secret("stripeApiKey")
    assert not says_secret("secret_name")
    assert not looks("correcthorse")
    assert looks("c0rrecth0rse!")
