"""Files that map classes to tables are told by their syntax tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.projects.mapping import holds_mapping

MAPPED = [
    "class A(Base):\n    __tablename__ = 'a'",
    "class A(db.Model):\n    pass",
    "class A(SQLModel, table=True):\n    id: int",
    "class A(TimestampedBase):\n    pass",
    "class Mixin:\n    nick: Mapped[str]",
    "class Mixin:\n    nick: 'Mapped[str]'",
    "class Mixin:\n    nick: so.Mapped[str | None] = so.mapped_column()",
    "class Mixin:\n    @declared_attr\n    def nick(cls): ...",
    "users = Table('users', metadata)",
    "users = sa.Table('users', metadata, sa.Column('id'))",
    "class Base(DeclarativeBase): pass",
    "Base = declarative_base(metadata=m)",
    "metadata = MetaData(naming_convention=x)",
    "mapper_registry.map_imperatively(User, users)",
    "Index('ix', User.c.nick)",
    "f = PGFunction(schema='public', signature='x', definition='y')",
    "event.listen(User.__table__, 'after_create', DDL('…'))",
    "class A(Base):\n    __tablename__ = (",
]
UNMAPPED = [
    "",
    "class Settings(BaseSettings):\n    url: str",
    "class User(BaseModel):\n    name: str",
    "def table(): return 1",
    "# __tablename__ is explained here",
    "'''Model of a Table with a Column.'''",
    "print(Table)",
    "x = 1 +",
]


@pytest.mark.parametrize("source", MAPPED)
def test_a_mapping_is_seen(source: str) -> None:
    """However SQLAlchemy, SQLModel, Flask-SQLAlchemy or alembic_utils is written."""
    assert holds_mapping(source.encode())


@pytest.mark.parametrize("source", UNMAPPED)
def test_what_only_looks_like_one_is_none(source: str) -> None:
    """Words in comments and strings, pydantic's models, and broken files without such words."""
    assert not holds_mapping(source.encode())


@given(st.binary() | st.text().map(lambda text: f"Column({text}".encode("utf-8", "replace")))
def test_no_source_makes_it_raise(source: bytes) -> None:
    """Junk is a model or none."""
    assert holds_mapping(source) in (True, False)
