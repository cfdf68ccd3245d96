"""A revision file's text is read without running it."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facts import Anchors, DowngradeShape
from bot.projects import read_revision, same_code

USUAL = '''"""add nick

Revision ID: b2
"""
from alembic import op

revision: str = "b2"
down_revision: str | None = "a1"
branch_labels = ("shop",)
depends_on = None


def upgrade() -> None:
    op.execute("x")


def downgrade():
    """Take it away."""
    pass
'''


def test_the_usual_file_says_everything() -> None:
    """Ids, labels, message and the lines on which findings sit."""
    said = read_revision(USUAL)
    assert (said.revision, said.down_revision, said.depends_on) == ("b2", ("a1",), ())
    assert said.branch_labels == ("shop",)
    assert said.message == "add nick"
    assert said.doc == "add nick\n\nRevision ID: b2"
    assert said.anchors == Anchors(7, 8, upgrade=13, downgrade=17, depends_on=10)
    assert said.downgrade_shape is DowngradeShape.EMPTY
    assert said.problem is None


def test_merges_tuples_and_names_are_understood() -> None:
    """Everything that is literal, however it is written."""
    said = read_revision(
        "BASE = 'a'\nrevision, down_revision = 'c', (BASE, 'b')\ndepends_on = ['d']\n"
    )
    assert (said.revision, said.down_revision, said.depends_on) == ("c", ("a", "b"), ("d",))
    assert said.anchors.down_revision == 2


def test_what_is_computed_is_said_to_be() -> None:
    """A guess would be worse than none."""
    said = read_revision("revision = make()\ndown_revision = f'{x}'\n")
    assert said.revision is None
    assert said.computed == {"revision", "down_revision"}


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        ("", DowngradeShape.MISSING),
        ("def downgrade(): pass", DowngradeShape.EMPTY),
        ("def downgrade(): ...", DowngradeShape.EMPTY),
        ("def downgrade():\n    '''Nothing.'''\n    return None", DowngradeShape.EMPTY),
        ("def downgrade(): raise NotImplementedError('no way back')", DowngradeShape.REFUSES),
        ("def downgrade():\n    '''No.'''\n    raise Exception", DowngradeShape.REFUSES),
        ("def downgrade(): op.drop_table('x')", DowngradeShape.BODY),
        ("async def downgrade(): pass", DowngradeShape.EMPTY),
        ("downgrade = nothing", DowngradeShape.BODY),
        ("from shared import downgrade", DowngradeShape.BODY),
        ("from shared import *", DowngradeShape.BODY),
        ("if True:\n    def downgrade(): pass", DowngradeShape.EMPTY),
        ("try:\n    x\nexcept E:\n    downgrade = 1", DowngradeShape.BODY),
    ],
)
def test_the_shape_of_downgrade(body: str, shape: DowngradeShape) -> None:
    """Missing, empty, refusing, or something to run."""
    assert read_revision(f"revision = 'a'\n{body}\n").downgrade_shape is shape


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("revision = 'a'\ndef upgrade(:\n", 2),
        ("x = 1\n\x00", 2),
        (b"x = 1\n\x00", 2),
        (b"# coding: utf-8\nx = '\xff'\n", 2),
        ("\ndef f():\nreturn", 3),
    ],
)
def test_a_syntax_error_has_its_line(source: str | bytes, line: int) -> None:
    """Python's own message, at the line Python names (an encoding error may name the first)."""
    problem = read_revision(source).problem
    assert problem is not None
    assert problem.message
    assert problem.line in (line, 1) if isinstance(source, bytes) else problem.line == line


@pytest.mark.parametrize(
    "source",
    [
        "(" * 5000 + ")" * 5000,
        "x = " + "-" * 100_000 + "1",
        "x = " + "+".join(["1"] * 20_000),
        "x" + ".a" * 20_000,
        "if x:\n" + "".join(" " * depth + "if x:\n" for depth in range(1, 200)),
        "x = 1\n" * 2_000_000,
    ],
)
def test_monstrous_files_are_survived(source: str) -> None:
    """Nesting and size beyond measure end in a problem, or are read."""
    said = read_revision(source)
    assert said.problem is not None or said.revision is None
    assert isinstance(same_code(source, source + "\n#"), bool)


def test_other_encodings_and_byte_order_marks_are_read() -> None:
    """As Python reads them (PEP 263)."""
    assert read_revision("# coding: latin-1\nrevision = 'é'".encode("latin-1")).revision == "é"
    assert read_revision(b"\xef\xbb\xbfrevision = 'a'").revision == "a"
    assert read_revision("\ufeffrevision = 'a'").revision == "a"


def test_docstrings_and_comments_are_not_code() -> None:
    """Rewording is no change; a string that is a value is one."""
    assert same_code(USUAL, USUAL.replace("add nick", "add a nick").replace("Take", "Drop"))
    assert same_code(USUAL, "# a comment\n" + USUAL.replace("\n\n\n", "\n"))
    assert not same_code(USUAL, USUAL.replace('"x"', '"y"'))
    assert not same_code(USUAL, USUAL.replace("pass", "op.execute('z')"))
    assert not same_code("def f(:", "def f(::")


def test_own_lines_are_found_in_any_file() -> None:
    """This test's own source is no revision, and is read all the same."""
    with open(__file__, "rb") as file:  # noqa: PTH123 # bytes as they are
        assert read_revision(file.read()).problem is None


@given(st.text() | st.binary())
def test_no_text_makes_it_raise(source: str | bytes) -> None:
    """Junk has a problem exactly where Python has one."""
    said = read_revision(source)
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        assert said.problem is not None or isinstance(source, str)
        return
    assert said.problem is None


_STATEMENTS = st.sampled_from(
    [
        "revision = 'x'",
        "revision: str",
        "down_revision = None",
        "down_revision = ('a', 1)",
        "(revision, *down_revision) = 'a', 'b'",
        "revision = revision",
        "def upgrade(): pass",
        "class downgrade: pass",
        "def downgrade(): raise",
        "with x as downgrade: pass",
        "'''doc'''",
        "revision += 'x'",
        "del revision",
        "import downgrade",
        "match x:\n    case y: pass",
        "for revision in x: pass",
        "try:\n    pass\nfinally:\n    pass",
    ]
)


@given(st.lists(_STATEMENTS))
def test_any_order_of_statements_is_read(lines: list[str]) -> None:
    """Anchors always lie in the file."""
    source = "\n".join(lines)
    said = read_revision(source)
    assert said.problem is None
    last = source.count("\n") + 1
    for line in vars(said.anchors).values():
        assert 1 <= line <= last
