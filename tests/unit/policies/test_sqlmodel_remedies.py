"""What SQLModel projects are told to write is SQLModel, and states what the class stated."""

from __future__ import annotations

from bot.facts import Facts, Source
from bot.facts.models import (
    MappedClass,
    ModelColumn,
    ModelConstraint,
    ModelIndex,
    Models,
    ModelTable,
)
from bot.policy import Finding, policies
from tests.unit.policies.cases import facts

PATH = "shop/logins.py"
KEY = ModelColumn("id", "BIGINT", nullable=False, primary_key=True, attribute="id")
USER_ID = ModelColumn(
    "user_id", "BIGINT", nullable=False, attribute="user_id", references=("public.users.id",)
)
AT = ModelColumn(
    "at", "TIMESTAMP WITH TIME ZONE", nullable=False, attribute="at", server_default="now()"
)
LOGINS = ModelTable(
    "public.logins",
    (KEY, USER_ID, AT),
    (ModelConstraint("foreign", columns=("user_id",), on_delete="CASCADE"),),
    (ModelIndex("ix_logins_user_id", ("user_id",)),),
)
USER = MappedClass("User", "User", "shop/users.py", 5, "public.users", style="sqlmodel")


def said(policy: str, text: str, style: str) -> Finding:
    """The one finding about the class of ``logins``."""
    login = MappedClass("Login", "Login", PATH, 1, LOGINS.name, style=style)
    models = Models((LOGINS, ModelTable("public.users", (KEY,))), (USER, login))
    before = Models((ModelTable("public.users", (KEY,)),), (USER,))
    seen = facts(None, None, models=models, base_models=before)
    seen = Facts(seen.base, seen.head, projects=seen.projects, sources=(Source(PATH, text, None),))
    (found,) = next(item for item in policies() if item.id == policy).look(seen)
    return found


def test_class_keeps_all_that_it_says() -> None:
    """Types, keys, what becomes of the row, indexes, defaults."""
    text = 'class Login(Base):\n    __tablename__ = "logins"\n'
    told = said("model-outside-sqlmodel", text, "declarative").remedies[0].text.splitlines()
    assert told[3:6] == [
        "    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger)",
        (
            '    user_id: int = Field(foreign_key="users.id", ondelete="CASCADE", index=True,'
            " sa_type=BigInteger)"
        ),
        (
            "    at: datetime = Field(sa_type=DateTime(timezone=True),"
            ' sa_column_kwargs={"server_default": text("now()")})'
        ),
    ]


def test_relationship_is_written_as_its_class_is() -> None:
    """On either side."""
    text = (
        'class Login(SQLModel, table=True):\n    __tablename__ = "logins"\n'
        '    user_id: int = Field(foreign_key="users.id")\n'
    )
    both = said("foreign-key-without-relationship", text, "sqlmodel").remedies[0].text
    assert '\nuser: "User" = Relationship(back_populates="logins")\n' in both
    assert '\nlogins: list["Login"] = Relationship(back_populates="user")\n' in both
    mixed = said("foreign-key-without-relationship", text, "declarative").remedies[0].text
    assert '\nuser: Mapped["User"] = relationship(back_populates="logins")\n' in mixed
    assert '\nlogins: list["Login"] = Relationship(back_populates="user")\n' in mixed
