"""Patches change what they name and nothing else, or there is none."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.explain.patch.changes import (
    Change,
    after,
    at_foot,
    at_head,
    before,
    in_autocommit,
    replaced,
    with_import,
    with_keyword,
)
from bot.explain.patch.patch import Call, called, patched, replaced_line
from bot.facts import Facts, Source
from tests.unit.patches.revision_files import PATH, applied, facts, upgrade

CONCURRENTLY = {"postgresql_concurrently": "True"}
ONE = 'op.create_index("ix", "t", ["c"])'


def edited(body: str, *changes: Change) -> str | None:
    """The body of ``upgrade`` after the patch, as git applies it; None when there is none."""
    text = upgrade(body)
    patch = patched(facts(text), PATH, *changes)
    if patch is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        new = applied(patch, text, Path(folder))
    lines = new.partition("def upgrade() -> None:\n")[2].partition("\n\n\ndef downgrade")[0]
    return "\n".join(line.removeprefix("    ") for line in lines.split("\n"))


def test_concurrent_index() -> None:
    """Both halves of the cure in one patch; lines are those of the file as it was."""
    body = f"{ONE}\nop.create_index(\n    'iy',\n    't',  # é\n    ['d'],  # why\n)"
    changes = (
        with_keyword(10, "create_index", **CONCURRENTLY),
        in_autocommit(10),
        with_keyword(9, "create_index", **CONCURRENTLY),
    )
    assert edited(body, *changes) == (
        'op.create_index("ix", "t", ["c"], postgresql_concurrently=True)\n'
        "with op.get_context().autocommit_block():\n"
        "    op.create_index(\n"
        "        'iy',\n"
        "        't',  # é\n"
        "        ['d'],  # why\n"
        "        postgresql_concurrently=True,\n"
        "    )"
    )


def test_order_of_changes_does_not_matter() -> None:
    """Each change finds its line where the one before it has moved it."""
    keyword, block = with_keyword(10, "create_index", **CONCURRENTLY), in_autocommit(10)
    head = at_head("upgrade", "op.x()\nop.y()")
    body = f"pass\n{ONE}"
    assert edited(body, keyword, block, head) == edited(body, head, block, keyword)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("op.f()", "op.f(k=1)"),
        ("op.f(a)", "op.f(a, k=1)"),
        ("op.f(a, )", "op.f(a, k=1 )"),
        ("op.f((a))", "op.f((a), k=1)"),
        ("op.f(a, k=(2))", "op.f(a, k=(1))"),
        ('op.f("é", k=22)', 'op.f("é", k=1)'),
        ("op.f(\n    a  # a\n)", "op.f(\n    a, k=1  # a\n)"),
        ("op.f(a,\n    b,  # b\n)", "op.f(a,\n    b,  # b\n    k=1,\n)"),
        ("op.f(a, b,  # b\n)", "op.f(a, b, k=1,  # b\n)"),
        ("op.f(a,\n     b)", "op.f(a,\n     b, k=1)"),
        ('op.f("""\n  x\n""")', 'op.f("""\n  x\n""", k=1)'),
        ("op.f((x for x in y))", "op.f((x for x in y), k=1)"),
        ("op.f(x for x in y)", None),
        ("op.f(*a)", None),
        ("op.f(**a)", None),
        ("other.f(a)", None),
        ("op.f.g(a)", None),
        ("op.g(a)", None),
        ("op.f(a); op.f(b)", None),
        ("x = op.f(a)", None),
        ("(op.f(a))", "(op.f(a, k=1))"),
    ],
)
def test_keyword_stands_as_the_others_do(written: str, expected: str | None) -> None:
    """A new argument keeps the call's layout, its comments and its last comma."""
    assert edited(written, with_keyword(9, "f", k="1")) == expected


@pytest.mark.parametrize(
    "body",
    [
        f"for x in y:\n    {ONE}",
        f"while x:\n    {ONE}",
        f"try:\n    {ONE}\nexcept ValueError:\n    pass",
        f"with op.batch_alter_table('t'):\n    {ONE}",
        f"with timed(), op.get_context().autocommit_block():\n    {ONE}",
        f"with op.get_context().autocommit_block() as x:\n    {ONE}",
        f"def f():\n    {ONE}\nf()",
        f"match x:\n    case 1:\n        {ONE}",
        f"if x: {ONE}\npass",
        f"pass; {ONE}",
    ],
)
def test_what_is_not_one_plain_place_is_left_alone(body: str) -> None:
    """Loops, helpers, handlers, batches and shared lines get no patch, whatever the change."""
    text = upgrade(body)
    for line in range(1, text.count("\n") + 1):
        changes = (with_keyword(line, "create_index", k="1"), before(line, "pass"))
        stands_there = "create_index" in text.split("\n")[line - 1]
        for change in (*changes, in_autocommit(line), replaced(line, "create_index", "pass")):
            assert not stands_there or patched(facts(text), PATH, change) is None


def test_block_around_neighbours() -> None:
    """Several statements share one; strings keep their lines; a block is not put in a block."""
    body = 'op.execute("""\n  a\n""")\n\n# why\nop.execute("b")  # b\npass'
    expected = (
        "with op.get_context().autocommit_block():\n"
        '    op.execute("""\n  a\n""")\n\n    # why\n    op.execute("b")  # b\npass'
    )
    text = upgrade("x\n" + body).replace("    x\n", '    op.execute("x")\n')
    assert edited(body.replace("  a", "      a"), in_autocommit(9, 14)) == expected.replace(
        "  a", "      a"
    )
    assert patched(facts(text), PATH, in_autocommit(10, 9)) is None
    inside = "with op.get_context().autocommit_block():\n    op.execute('a')"
    assert edited(inside, in_autocommit(10)) is None
    assert edited(f"if x:\n    {ONE}\n{ONE}", in_autocommit(10, 11)) is None
    assert edited(f"{ONE}\nfor x in y:\n    pass\n{ONE}", in_autocommit(9, 12)) is None


def test_statements_put_in() -> None:
    """Before, after, instead, at the head and at the foot, in the margin of where they go."""
    body = f'"""Doc."""\nif x:\n    {ONE}  # why\n# end'
    new = 'op.execute("""\na\n""")\nif y:\n    op.z()'
    indented = '    op.execute("""\na\n""")\n    if y:\n        op.z()'
    assert (
        edited(body, before(11, new)) == f'"""Doc."""\nif x:\n{indented}\n    {ONE}  # why\n# end'
    )
    assert edited(body, after(11, new)) == f'"""Doc."""\nif x:\n    {ONE}  # why\n{indented}\n# end'
    assert (
        edited(body, replaced(11, "create_index", new))
        == f'"""Doc."""\nif x:\n{indented}  # why\n# end'
    )
    assert edited(body, replaced(11, "drop_index", new)) is None
    assert edited(body, at_head("upgrade", "op.z()")) == body.replace("if x", "op.z()\nif x")
    assert edited(body, at_foot("upgrade", "op.z()")) == body.replace("why", "why\nop.z()")
    assert edited("pass", at_head("upgrade", "op.z()")) == "op.z()"
    assert edited("pass", at_foot("upgrade", "op.z()")) == "op.z()"
    assert edited(f"{ONE}\nif x:\n    return\n{ONE}", at_foot("upgrade", "op.z()")) is None
    assert edited("op.z()\nraise ValueError", at_foot("upgrade", "op.z()")) is None
    assert edited(body, at_head("nowhere", "op.z()")) is None


def test_import_is_put_in_once() -> None:
    """It follows the file's other imports, is left out where it is there, and takes no name."""
    text = upgrade(ONE)
    patch = patched(facts(text), PATH, with_import("import sqlalchemy as sa"))
    assert patch is not None
    assert "\n from alembic import op\n+import sqlalchemy as sa\n" in patch
    assert patched(facts(text), PATH, with_import("from alembic import op")) is None
    taken = text.replace('revision = "0002"', "sa = 1")
    assert patched(facts(taken), PATH, with_import("import sqlalchemy as sa")) is None
    assert patched(facts("sa()"), PATH, with_import("import sqlalchemy as sa")) is None


def test_other_name_of_op() -> None:
    """Blocks use the file's name for it; new code, which says ``op``, is not put in."""
    text = upgrade(ONE).replace("import op", "import op as o").replace("op.c", "o.c")
    patch = patched(facts(text), PATH, in_autocommit(9))
    assert patch is not None
    assert "with o.get_context().autocommit_block():" in patch
    assert patched(facts(text), PATH, before(9, "op.z()")) is None


@pytest.mark.parametrize(
    "text",
    [
        upgrade(ONE).replace("from alembic import op", "import alembic.op as op"),
        upgrade(ONE).replace("from alembic import op", "from shop import op"),
        upgrade(ONE) + "op = None\n",
        upgrade(ONE).replace("def upgrade()", "def upgrade(op)"),
        upgrade(ONE).replace("def upgrade()", "async def upgrade()"),
        upgrade(ONE).replace("def upgrade()", "def upgrade_engine1()"),
        upgrade(ONE) + upgrade(ONE),
        upgrade(ONE).replace("def downgrade", "def downgrade(:"),
        upgrade(ONE).replace("\n", "\r\n", 1),
        upgrade(ONE).replace("\n", "\r"),
        upgrade("\f" + ONE),
    ],
)
def test_unusual_file_is_left_alone(text: str) -> None:
    """What ``op`` is, where ``upgrade`` is and where lines end has to be beyond doubt."""
    for line in range(text.count("\n") + 3):
        assert patched(facts(text), PATH, in_autocommit(line)) is None


def test_unknown_text_gets_no_patch() -> None:
    """No file, one that was cut, one that was deleted, and a name that git would quote."""
    seen = facts(upgrade(ONE))
    cut = Facts("a", "b", sources=(Source(PATH, upgrade(ONE), None, cut=True),))
    assert patched(seen, "other.py", in_autocommit(9)) is None
    assert patched(cut, PATH, in_autocommit(9)) is None
    for name in ('a"b.py', "a\\b.py", "a\nb.py", "a\tb.py"):
        assert patched(facts(upgrade(ONE), name), name, in_autocommit(9)) is None
        assert replaced_line(facts("x = 1\n", name), name, 1, "x = 1", "x = 2") is None


@pytest.mark.parametrize("name", [PATH, "a b/ü (1).py", "'a'/x.py", "-x.py"])
@pytest.mark.parametrize("bom", [False, True])
@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_git_applies_it(name: str, eol: str, tmp_path: Path, *, bom: bool) -> None:
    """Whatever the file's name, its line ends, its first mark, and without an end of the last."""
    text = upgrade(ONE).partition("\n\n\ndef downgrade")[0].replace("\n", eol)
    seen = facts(text, name, bom=bom)
    patch = patched(seen, name, in_autocommit(9), at_foot("upgrade", "op.z()"))
    assert patch is not None
    new = applied(patch, text, tmp_path, name, bom=bom)
    wanted = f"    with op.get_context().autocommit_block():\n        {ONE}\n    op.z()"
    assert new == text.replace(f"    {ONE}", wanted.replace("\n", eol))
    patch = replaced_line(seen, name, 1, '"""Indices."""', '"""Index."""')
    assert patch is not None
    assert applied(patch, text, tmp_path, name, bom=bom) == text.replace("Indices", "Index")


def test_call_as_it_is_written() -> None:
    """Arguments are the reader's own code, also over several lines; other shapes are not told."""
    body = 'op.f("é", (\n    [c]\n), k=x + 1)\nhelper(op)\nop.f(*a)\nop.f(**a)'
    seen = facts(upgrade(body))
    assert called(seen, PATH, 9) == Call("f", ('"é"', "[c]"), {"k": "x + 1"})
    assert [called(seen, PATH, line) for line in (1, 8, 12, 14, 99)] == [None] * 5
    assert called(seen, "other.py", 9) is None


NEW = 'op.put_in("""\nx""")'


def changes(text: str) -> Iterator[Change]:
    """Every kind of change on every line, possible or not."""
    for line in range(text.count("\n") + 3):
        yield with_keyword(line, "create_index", **CONCURRENTLY)
        yield in_autocommit(line)
        yield in_autocommit(line, line + 1)
        yield in_autocommit(line, line + 3)
        yield before(line, NEW)
        yield after(line, NEW)
    for name in ("upgrade", "downgrade"):
        yield at_head(name, NEW)
        yield at_foot(name, NEW)
