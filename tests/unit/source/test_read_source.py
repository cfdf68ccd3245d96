"""What a Python file declares, whatever way it is written in, and that no text is too odd."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.source import SourceFile, comments, read_source

PATH = "backend/shop/models.py"


def only(text: str) -> SourceFile:
    """The file, which can be read."""
    found = read_source(text, PATH)
    assert found.problem is None
    return found


@pytest.mark.parametrize(
    ("imports", "written"),
    [
        ("import sqlalchemy as sa", "sa.orm.mapped_column"),
        ("import sqlalchemy.orm", "sqlalchemy.orm.mapped_column"),
        ("import sqlalchemy.orm as o", "o.mapped_column"),
        ("from sqlalchemy import orm", "orm.mapped_column"),
        ("from sqlalchemy.orm import mapped_column as mc", "mc"),
        ("if 1:\n    from sqlalchemy.orm import mapped_column", "mapped_column"),
        (
            "try:\n    import nothing\nexcept ImportError:\n    import sqlalchemy as s",
            "s.orm.mapped_column",
        ),
    ],
)
def test_names_stand_for_what_was_imported(imports: str, written: str) -> None:
    """Aliases, modules and conditional imports lead to one dotted name."""
    file = only(f"{imports}\nclass A:\n    x = {written}(1, key=2)\n")
    (attribute,) = file.classes[0].attributes
    call = attribute.calls("mapped_column")
    assert call is not None
    assert call.name == "sqlalchemy.orm.mapped_column"
    assert call.argument("key") is not None


@pytest.mark.parametrize(
    ("written", "dotted"),
    [
        ("from .base import Base", "backend.shop.base.Base"),
        ("from . import base\nBase = base.Base", "Base"),
        ("from ..db import Base", "backend.db.Base"),
        ("from shop.base import Base", "shop.base.Base"),
    ],
)
def test_relative_imports_begin_at_the_root(written: str, dotted: str) -> None:
    """The base class of a model is found by its file, from wherever it is imported."""
    assert only(f"{written}\nclass A(Base):\n    pass\n").classes[0].bases == (dotted,)


@pytest.mark.parametrize(
    ("annotation", "optional"),
    [
        ("Mapped[str]", False),
        ("Mapped[str | None]", True),
        ("Mapped[None | str]", True),
        ("Mapped[Optional[str]]", True),
        ("Mapped[typing.Optional[str]]", True),
        ("Mapped[Union[str, None]]", True),
        ("Mapped[Union[str, int]]", False),
        ('"Mapped[str | None]"', True),
        ('Mapped["str | None"]', True),
        ("Mapped[Annotated[str, 50]]", False),
        ("Mapped[Annotated[str | None, 50]]", True),
        ('Mapped[Literal["a", "b"]]', False),
        ('Mapped[Literal["a", None]]', True),
        ("Mapped[list[str]]", False),
        ("Mapped[Own]", False),
        ("Mapped[Alias]", True),
        ("Mapped[Foreign]", None),
        ("Mapped[Foreign | None]", True),
        ("Mapped[Foreign | str]", None),
        ("Mapped[Loop]", None),
        ("Mapped", None),
        ("int | None", True),
    ],
)
def test_annotation_tells_whether_none_is_allowed(annotation: str, optional: bool | None) -> None:  # noqa: FBT001 - a parameter of the table
    """What an alias or a foreign type hides is not guessed."""
    text = (
        "from __future__ import annotations\nimport typing\nfrom elsewhere import Foreign\n"
        "from typing import Annotated, Literal, Optional, Union\n"
        "from sqlalchemy.orm import Mapped\n"
        "class Own: pass\nAlias = Optional[str]\nLoop = Loop\n"
        f"class A:\n    x: {annotation}\n"
    )
    stated = only(text).classes[-1].attributes[0].annotation
    assert stated is not None
    assert stated.optional is optional


def test_what_only_type_checkers_see_declares_nothing() -> None:
    """Neither classes nor imports under TYPE_CHECKING are there when the file runs."""
    file = only(
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from shop import models\n    class A: pass\n"
        "else:\n    class B: pass\n"
    )
    assert [item.name for item in file.classes] == ["B"]
    assert [(item.bound, item.for_types) for item in file.imports] == [
        ("TYPE_CHECKING", False),
        ("models", True),
    ]


def test_classes_inside_of_functions_are_none_of_the_module() -> None:
    """They come into being when the function is called, if ever; inner classes are found."""
    file = only("def make():\n    class A: pass\nclass B:\n    class Config:\n        x = 1\n")
    assert [item.qualname for item in file.all_classes] == ["B", "B.Config"]
    assert file.named("B.Config") is file.all_classes[1]
    assert file.named("make.A") is None


def test_layout_and_comments_are_no_change() -> None:
    """An attribute that was only reformatted is the same code."""
    one = only("class A:\n    x = f(1, 2)  # why\n").classes[0].attributes[0]
    two = only("class A:\n    x = f(\n        1,\n        2,\n    )\n").classes[0].attributes[0]
    assert one.code == two.code
    assert (one.line, two.end_line) == (2, 5)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("class A(:\n", "line 1"),
        ("x = '\0'", "null byte"),
        ("x = 1\n" * 60_000, "longer than"),
        ("(" * 5_000 + ")" * 5_000, "line 1"),
    ],
)
def test_unreadable_text_says_why(text: str, problem: str) -> None:
    """No text raises."""
    assert problem in (read_source(text, PATH).problem or "")


@given(st.text(alphabet=st.sampled_from("class A(B):\n =x[]\"'@,.|None#defTY\0\\"), max_size=80))
def test_no_text_raises(text: str) -> None:
    """Whatever a stranger writes is read or said to be unreadable."""
    found = read_source(text, PATH)
    assert found.problem is None or not found.classes
    comments(text)


def test_comments_are_not_texts() -> None:
    """A text that holds a number sign is no comment; what follows a fault is not read."""
    found = comments('x = "# no"  # yes\n"""\n# no\n"""\n# too\n')
    assert [(item.line, item.text) for item in found] == [(1, "# yes"), (5, "# too")]
