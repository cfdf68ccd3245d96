"""The text of a revision file beside its syntax tree: where a statement stands and what it calls.

Only the plain shape is found: a statement on lines of its own, directly in ``upgrade`` or
``downgrade``, in an ``if`` or in an ``autocommit_block``. What a loop, a helper, a ``try`` or
``batch_alter_table`` runs is not one place that an edit could change: ``NotPlain``.
"""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.explain.patch.text import NotPlain, bound, parsed, tokens


@dataclass(frozen=True)
class Edit:
    """Characters ``start`` to ``end`` of the text become ``new``."""

    start: int
    end: int
    new: str


@dataclass(frozen=True)
class Place:
    """A statement and the block that it stands in; ``autocommit``: in an ``autocommit_block``."""

    block: Sequence[ast.stmt]
    index: int
    autocommit: bool = False

    @property
    def statement(self) -> ast.stmt:
        """The statement itself."""
        return self.block[self.index]


@dataclass(frozen=True)
class Code:
    """One file. Lines count from 1, as in the syntax tree; offsets count characters from 0.

    ``moved`` holds for each line of the file as it was where it is since the edits.
    """

    text: str
    tree: ast.Module
    moved: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Code:
        """The text with its tree.

        Raises:
            NotPlain: no Python, or its lines do not end alike for Python and for git.
        """
        bare = text.replace("\r\n", "\n")
        mixed = "\r\n" in text and text.count("\r\n") != text.count("\n")
        if "\r" in bare or "\f" in bare or mixed:
            raise NotPlain
        return cls(text, parsed(text), tuple(range(1, text.count("\n") + 2)))

    def edited(self, edits: Iterable[Edit]) -> Code:
        """The code with these edits made; of those in one place the first comes first.

        Raises:
            NotPlain: what comes of it is no Python.
        """
        parts, at, pushed = [], 0, [(0, 0)]  # from which offset on, by how many characters
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
            parts += [self.text[at : edit.start], edit.new]
            at = edit.end
            pushed.append((at, pushed[-1][1] + len(edit.new) - (edit.end - edit.start)))
        text = "".join(parts) + self.text[at:]
        starts = [self.start(line) for line in self.moved]
        offsets = [
            start + next(by for at, by in reversed(pushed) if at <= start) for start in starts
        ]
        return Code(text, parsed(text), tuple(text.count("\n", 0, at) + 1 for at in offsets))

    @property
    def eol(self) -> str:
        """How its lines end."""
        return "\r\n" if "\r\n" in self.text else "\n"

    @cached_property
    def lines(self) -> list[str]:
        """Its lines without their ends."""
        return [line.removesuffix("\r") for line in self.text.split("\n")]

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for line in self.text.split("\n"):
            starts.append(starts[-1] + len(line) + 1)
        return starts

    def offset(self, line: int, column: int) -> int:
        """The offset of a column that counts bytes of UTF-8, as those of syntax trees do."""
        return self._starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def start(self, line: int) -> int:
        """The offset at which the line begins."""
        return self._starts[line - 1]

    def end(self, line: int) -> int:
        """The offset behind the line's last character, before its end."""
        return self._starts[line - 1] + len(self.lines[line - 1])

    def span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """The offsets of the node's first character and behind its last."""
        last, column = node.end_lineno or node.lineno, node.end_col_offset or 0
        return self.offset(node.lineno, node.col_offset), self.offset(last, column)

    def indent(self, line: int) -> str:
        """The white space that the line begins with."""
        text = self.lines[line - 1]
        return text[: len(text) - len(text.lstrip(" \t"))]

    @cached_property
    def tokens(self) -> list[tokenize.TokenInfo]:
        """Python's tokens, comments and line ends among them."""
        return tokens(self.text)

    @cached_property
    def op(self) -> str:
        """The name that ``alembic.op`` goes by.

        Raises:
            NotPlain: it is not imported once, or something else takes that name.
        """
        names = [
            alias.asname or alias.name
            for node in self.tree.body
            if isinstance(node, ast.ImportFrom) and node.module == "alembic" and not node.level
            for alias in node.names
            if alias.name == "op"
        ]
        if len(names) != 1 or sum(name == names[0] for name in bound(self.tree)) != 1:
            raise NotPlain
        return names[0]

    def function(self, name: str) -> ast.FunctionDef:
        """The one function of that name at the top of the module, its body on lines of its own.

        Raises:
            NotPlain: there is none, or more than one, or it is written on one line.
        """
        found = [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
        ]
        if len(found) != 1 or found[0] not in self.tree.body:
            raise NotPlain
        (function,) = found
        if not isinstance(function, ast.FunctionDef) or not self.indent(function.body[0].lineno):
            raise NotPlain
        self.alone(function.body[0], function.body[-1])
        return function

    def place(self, origin: int) -> Place:
        """The statement of ``upgrade`` or ``downgrade`` on that line of the file as it was.

        Raises:
            NotPlain: it is not in one of them, or not in a plain place of it.
        """
        line = self.moved[origin - 1] if 1 <= origin <= len(self.moved) else 0
        for node in self.tree.body:
            if isinstance(node, ast.FunctionDef) and _holds(node, line):
                if node.name not in ("upgrade", "downgrade"):
                    raise NotPlain
                return self._place(Place(self.function(node.name).body, 0), line)
        raise NotPlain

    def _place(self, outer: Place, line: int) -> Place:
        for index, node in enumerate(outer.block):
            if not _holds(node, line):
                continue
            if isinstance(node, ast.If):
                block = node.body if line < _first(node.orelse) else node.orelse
                return self._place(Place(block, 0, outer.autocommit), line)
            if isinstance(node, ast.With) and all(map(self.is_autocommit, node.items)):
                return self._place(Place(node.body, 0, autocommit=True), line)
            if isinstance(node, ast.Expr | ast.Assign | ast.AnnAssign):
                self.alone(node, node)
                return Place(outer.block, index, outer.autocommit)
        raise NotPlain

    def is_autocommit(self, item: ast.withitem) -> bool:
        """Whether it is ``op.get_context().autocommit_block()``."""
        wanted = f"{self.op}.get_context().autocommit_block()"
        return item.optional_vars is None and ast.unparse(item.context_expr) == wanted

    def alone(self, first: ast.stmt, last: ast.stmt) -> None:
        """Pass when nothing but comments stands on the lines of these statements beside them.

        Raises:
            NotPlain: something does.
        """
        begin, end = self.span(first)[0], self.span(last)[1]
        before = self.text[self.start(first.lineno) : begin]
        after = self.text[end : self.end(last.end_lineno or last.lineno)].strip()
        if before.strip() or (after and not after.startswith("#")):
            raise NotPlain

    def call(self, place: Place, *names: str) -> ast.Call:
        """The call that is the whole statement there: of ``op`` and of one of these names.

        Raises:
            NotPlain: it is another statement.
        """
        node = place.statement
        if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
            raise NotPlain
        function = node.value.func
        if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
            raise NotPlain
        if function.value.id != self.op or (names and function.attr not in names):
            raise NotPlain
        return node.value


def _holds(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _first(block: Sequence[ast.stmt]) -> int:
    return block[0].lineno if block else 1_000_000_000
