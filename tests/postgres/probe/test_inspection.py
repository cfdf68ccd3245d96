"""The probe tells what the models state, how they differ from a database, and what they send."""

from __future__ import annotations

from typing import Any

import pytest

MODELS = '''\
"""Models."""
import datetime
import sqlalchemy as sa
from sqlalchemy.orm import relationship

try:
    from sqlalchemy.orm import declarative_base
except ImportError:
    from sqlalchemy.ext.declarative import declarative_base

Base = declarative_base()


class User(Base):
    """Who buys."""

    __tablename__ = "users"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(50), nullable=False, default="nobody")
    mood = sa.Column(sa.Enum("glad", "sad", name="mood"), server_default="glad")
    born = sa.Column(sa.DateTime, default=datetime.datetime.utcnow, index=True)
    orders = relationship("Order", back_populates="user", cascade="all, delete-orphan")


class Order(Base):
    __tablename__ = "orders"
    __table_args__ = (sa.CheckConstraint("amount > 0", name="ck_orders_amount"),)
    id = sa.Column(sa.Integer, primary_key=True)
    user_id = sa.Column(sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False)
    amount = sa.Column(sa.Numeric(10, 2))
    user = relationship("User", back_populates="orders")
'''
ENV = """\
import sqlalchemy as sa
from alembic import context
from models import Base

engine = sa.create_engine("postgresql+{driver}://u@nowhere/x")
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
"""
SCHEMA = (
    "CREATE TYPE mood AS ENUM ('glad', 'sad');"
    "CREATE TABLE users (id serial PRIMARY KEY, name varchar(50) NOT NULL,"
    " mood mood DEFAULT 'glad', born timestamp);"
    "CREATE INDEX ix_users_born ON users (born);"
    "CREATE TABLE orders (id serial PRIMARY KEY, user_id int NOT NULL REFERENCES users"
    " ON DELETE CASCADE, amount numeric(10, 2), CONSTRAINT ck_orders_amount CHECK (amount > 0));"
)


@pytest.fixture
def opened(client: Any, repository: Any) -> Any:
    """A client on a project with two models."""
    repository.write("models.py", MODELS)
    repository.write("migrations/env.py", ENV.format(driver=repository.driver))
    repository.revision("a1", None)
    answer = client.open()
    assert answer["environment"] == "project", answer["environment_note"]
    return client


def prepare(client: Any, *statements: str) -> None:
    """Run SQL in the client's database as the scratch role would."""
    with client.server.connect(client.database) as connection:
        connection.execute(f'SET ROLE "{client.server.address(client.database).user}"')
        connection.execute("SET search_path TO public")
        for statement in (SCHEMA, *statements):
            connection.execute(statement)


def test_models_are_read(opened: Any) -> None:
    """Tables, columns, constraints and classes come with what the model file says of them."""
    models = opened.ask("models", paths=["models.py"])["models"]
    tables = {table["name"]: table for table in models["tables"]}
    users = {column["name"]: column for column in tables["public.users"]["columns"]}
    assert users["name"]["type"] == "VARCHAR(50)"
    assert not users["name"]["nullable"]
    assert users["name"]["default"] == "value str"
    assert users["mood"]["literals"] == ["glad", "sad"]
    assert users["mood"]["server_default"] == "'glad'"
    assert users["born"]["default"] == "callable datetime.datetime.utcnow"
    assert tables["public.users"]["indexes"][0]["name"] == "ix_users_born"
    stated = tables["public.orders"]["constraints"]
    assert stated == sorted(stated, key=repr)  # SQLAlchemy's sets come in another order each time
    kinds = {item["kind"]: item for item in stated}
    assert kinds["foreign"]["references"] == ["public.users.id"]
    assert kinds["foreign"]["on_delete"] == "CASCADE"
    assert kinds["check"]["sql"] == "amount > 0"
    classes = {item["name"]: item for item in models["classes"]}
    assert classes["User"]["path"] == "models.py"
    assert classes["User"]["line"] == MODELS.splitlines().index("class User(Base):") + 1
    assert classes["User"]["doc"] == "Who buys."
    assert classes["Order"]["relationships"][0]["back_populates"] == "orders"
    assert not models["asynchronous"]
    assert models["unread"] == []


def test_a_database_like_the_models_differs_in_nothing(opened: Any) -> None:
    """Autogenerate, by the project's own options, has nothing to add."""
    prepare(opened)
    assert opened.ask("compare", database=opened.database)["compare"] == []


def test_differences_come_with_their_code(opened: Any) -> None:
    """A missing column and another type are operations, each with the code that closes it."""
    prepare(
        opened,
        "ALTER TABLE users DROP COLUMN born",
        "ALTER TABLE users ALTER name TYPE text",
        "DROP TABLE orders",
    )
    found = opened.ask("compare", database=opened.database)["compare"]
    told = {(item["operation"], item["table"], item["name"]): item for item in found}
    added = told["add_column", "public.users", "born"]
    assert (
        added["code"] == "op.add_column('users', sa.Column('born', sa.DateTime(), nullable=True))"
    )
    altered = told["alter_column", "public.users", "name"]
    assert altered["changes"] == ["type"]
    assert altered["type"] == "VARCHAR(50)"
    created = told["create_table", "public.orders", ""]["code"]
    assert created.startswith("op.create_table('orders',\nsa.Column('id'")
    compile(created, "created", "exec")


ROWS = (
    "INSERT INTO users (name) SELECT 'u' || i FROM generate_series(1, 3) i;"
    "INSERT INTO orders (user_id, amount) VALUES (1, 5)"
)


def outcome(client: Any) -> dict[tuple[str, str], Any]:
    """SQLSTATE of each statement of the models, None where it succeeded."""
    tables = ["public.users", "public.orders"]
    found = client.ask("exercise", database=client.database, tables=tables)["exercise"]
    return {(item["model"], item["kind"]): item["skipped"] or item["sqlstate"] for item in found}


def test_every_statement_of_the_models_runs(opened: Any) -> None:
    """SELECT, UPDATE, DELETE and both INSERTs succeed on the schema they were written for."""
    prepare(opened, ROWS)
    assert set(outcome(opened).values()) == {None}
    with opened.server.connect(opened.database) as connection:
        counts = connection.execute(
            "SELECT (SELECT count(*) FROM public.users), (SELECT count(*) FROM public.orders)"
        ).fetchone()
    assert counts == (3, 1)


def test_statements_meet_a_schema_that_went_on(opened: Any) -> None:
    """A column gone breaks what names it; NOT NULL breaks the INSERT that leaves it out."""
    prepare(
        opened,
        ROWS,
        "UPDATE users SET mood = 'sad', born = now()",
        "ALTER TABLE users ALTER born SET NOT NULL",
        "ALTER TABLE orders DROP COLUMN amount",
    )
    found = outcome(opened)
    assert found["Order", "select"] == "42703"
    assert found["Order", "insert"] == "there is no row whose values could be used"
    assert found["User", "select"] is None
    assert found["User", "insert"] is None
    assert found["User", "insert minimal"] is None  # Python's default fills it


def test_an_old_row_without_a_value_is_refused(opened: Any) -> None:
    """What the ORM writes as NULL fails once the column must hold a value."""
    prepare(opened, ROWS, "ALTER TABLE orders ALTER amount SET NOT NULL")
    found = outcome(opened)
    assert found["Order", "insert"] is None
    assert found["Order", "insert minimal"] == "23502"


def test_a_new_rule_that_some_rows_obey_is_no_failure(opened: Any) -> None:
    """UNIQUE over a column that the code varies: a row of its own gets in, on a referred table too.

    The row that is there cannot make room: ON DELETE RESTRICT, SQLSTATE 23001 since 18.
    """
    prepare(
        opened,
        ROWS,
        "DELETE FROM users WHERE id > 1",
        "ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey",
        "ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users ON DELETE RESTRICT",
        "ALTER TABLE users ADD UNIQUE (name)",
    )
    assert outcome(opened)["User", "insert"] is None


def test_a_rule_that_no_row_obeys_is_told_as_itself(opened: Any) -> None:
    """The server's word on the INSERT, not on what was tried to make it fit."""
    prepare(
        opened,
        ROWS,
        "UPDATE users SET mood = 'sad'",
        "DELETE FROM orders",
        "DELETE FROM users WHERE id > 1",
        "INSERT INTO orders (user_id, amount) VALUES (1, 5)",
        "CREATE UNIQUE INDEX only_one ON users ((true))",
        "ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey",
        "ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users ON DELETE RESTRICT",
    )
    assert outcome(opened)["User", "insert"] == "23505"


def test_models_tell_from_where_classes_can_be_mapped(opened: Any) -> None:
    """Bases and mapped classes by their files, installed packages, both ends of a relationship."""
    models = opened.ask("models", paths=["models.py"])["models"]
    assert models["bases"] == ["models.py:Base", "models.py:Order", "models.py:User"]
    assert models["versions"]["sqlalchemy"][0].isdigit()
    classes = {item["name"]: item for item in models["classes"]}
    (orders,) = classes["User"]["relationships"]
    assert (orders["local_columns"], orders["remote_columns"]) == (["id"], ["user_id"])
    assert classes["User"]["module"] == "models"
    assert not classes["User"]["awaitable"]


def test_types_are_checked_by_the_projects_configuration(client: Any, repository: Any) -> None:
    """Errors of the files that are asked for, with their lines and codes; of no other file."""
    repository.write("mypy.ini", "[mypy]\nstrict = True\n")
    wrong = "def label() -> str:\n    return 1\n"
    repository.write("shop/__init__.py", "")
    repository.write("shop/models.py", wrong)
    repository.write("shop/other.py", wrong)
    repository.revision("a1", None)
    client.open()
    told = client.ask("types", paths=["shop/models.py"], folder="")["types"]
    assert told["problem"] is None
    assert [(item["path"], item["line"], item["code"]) for item in told["errors"]] == [
        ("shop/models.py", 2, "return-value")
    ]
    repository.write("mypy.ini", "[mypy]\nplugins = nowhere.py\n")
    told = client.ask("types", paths=["shop/models.py"], folder="")["types"]
    assert told["problem"].startswith("mypy cannot check it")
    assert told["errors"] == []
