"""A patch changes what it says and nothing else, whatever the text."""

from __future__ import annotations

import ast
import io
import tempfile
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.explain.patch.changes import (
    Change,
    at_head,
    in_autocommit,
)
from bot.explain.patch.code import Code
from bot.explain.patch.patch import called, patched
from bot.explain.patch.text import NotPlain
from tests.unit.patches.revision_files import HEAD, PATH, applied, facts, modules
from tests.unit.patches.test_patch_changes import CONCURRENTLY, NEW, changes


def comments(text: str) -> Counter[str]:
    """Every comment of the file."""
    found = tokenize.generate_tokens(io.StringIO(text, newline="").readline)
    return Counter(token.string for token in found if token.type == tokenize.COMMENT)


class Bare(ast.NodeTransformer):
    """Takes out what a change may put in, and every ``pass``, which it may replace."""

    def visit(self, node: ast.AST) -> ast.AST | list[ast.stmt] | None:
        """The node without it."""
        self.generic_visit(node)
        if isinstance(node, ast.With):
            plain = ast.unparse(node.items[0].context_expr)
            return node.body if plain.endswith(".get_context().autocommit_block()") else node
        if isinstance(node, ast.Call):
            node.keywords = [each for each in node.keywords if each.arg not in CONCURRENTLY]
        made = isinstance(node, ast.Expr) and ast.unparse(node) == ast.unparse(ast.parse(NEW))
        return None if made or isinstance(node, ast.Pass) else node


def same(old: str, new: str) -> bool:
    """Whether both say the same but for what a change puts in."""
    one, other = (Bare().visit(ast.parse(text)) for text in (old, new))
    assert isinstance(one, ast.AST)
    assert isinstance(other, ast.AST)
    return ast.dump(one) == ast.dump(other)


def possible(text: str) -> Iterator[tuple[Change, str]]:
    """Those that are possible, each with the text that it makes of this one."""
    for change in changes(text):
        try:
            code = Code.of(text)
            yield change, code.edited(change(code)).text
        except NotPlain:
            continue


@given(modules(), st.booleans(), st.data())
@settings(max_examples=60, deadline=None)
def test_nothing_else_changes(text: str, bom: bool, data: st.DataObject) -> None:  # noqa: FBT001 - drawn by position
    """Any change leaves Python that, but for what was put in, is the same, comments included."""
    made = list(possible(text))
    for _, new in made:
        assert same(text, new)
        assert comments(text) == comments(new)
        assert "\r" not in new.replace("\r\n", "" if "\r\n" in text else "\r")
    if not made:
        return
    seen = facts(text, bom=bom)
    change, new = data.draw(st.sampled_from(made))
    patch = patched(seen, PATH, change)
    with tempfile.TemporaryDirectory() as folder:
        assert new == (applied(patch, text, Path(folder), bom=bom) if patch else text)


@given(modules(), st.data())
@settings(max_examples=60, deadline=None)
def test_one_change_does_not_hinder_another(text: str, data: st.DataObject) -> None:
    """Two changes of different kinds make the same of the file in either order, or none at all."""
    made = [change for change, _ in possible(text)]
    if not made:
        return
    one, other = (data.draw(st.sampled_from(made)) for _ in range(2))
    patch = patched(facts(text), PATH, one, other)
    if patch is not None:
        with tempfile.TemporaryDirectory() as folder:
            assert same(text, applied(patch, text, Path(folder)))


@given(st.text(), st.integers(-1, 5))
def test_no_text_makes_it_raise(text: str, line: int) -> None:
    """Not even one that is no Python at all."""
    seen = facts(HEAD + text)
    assert patched(seen, PATH, in_autocommit(line + 8), at_head("upgrade", "op.z()")) is None
    assert called(seen, PATH, line + 8) is None
