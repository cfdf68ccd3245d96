"""PostgreSQL's own spelling of an expression (``pg_get_expr``) as a small tree.

The server prints what it has parsed: casts written out, every operator in parentheses. That is
regular enough to be read in a hundred lines, and reading it here costs no import of a whole parser.
Nothing is decided by it: values that it suggests are tried on the server.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.observe.rows.tokens import Unreadable, tokens, unquoted

_DEEPEST = 40  # parentheses; a deeper expression is not read
_MORE_WORDS = {  # words that go on with a type's name
    "character": ("varying",),
    "bit": ("varying",),
    "double": ("precision",),
    "timestamp": ("with", "without", "time", "zone"),
    "time": ("with", "without", "time", "zone"),
    "interval": ("year", "month", "day", "hour", "minute", "second", "to"),
}
_NO_NAMES = frozenset({"case", "select", "array", "row", "exists", "any", "all", "not"})


@dataclass(frozen=True)
class Node:
    """One node of the tree.

    ``kind`` is "column" (``name``), "literal" (``name`` is its text), "null", "list" (an array's
    items), "call" (``name`` is the function's, without its schema), "operator" (``name`` is its
    symbol, ``parts`` are both sides), "negative", "and", "or", "not" or "is null".
    """

    kind: str
    name: str = ""
    parts: tuple[Node, ...] = ()


@lru_cache(maxsize=4096)
def read(text: str) -> Node:
    """The tree of an expression, ``CHECK (…)`` or not.

    Raises:
        Unreadable: it uses something else than is known here.
    """
    body = re.sub(r"^CHECK\s+|\s+(?:NOT VALID|NO INHERIT|NOT ENFORCED)$", "", text.strip())
    parser = _Parser(tokens(body))
    try:
        tree = parser.expression()
    except RecursionError:
        raise Unreadable("too deep") from None
    parser.end()
    return tree


def columns(node: Node) -> frozenset[str]:
    """The columns that it mentions."""
    found = {node.name} if node.kind == "column" else set()
    return frozenset(found.union(*map(columns, node.parts)))


class _Parser:
    """Recursive descent; each method reads what its name says."""

    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise Unreadable(self._tokens[self._at][1])

    def expression(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unreadable("too deep")
        found = self._joined("or", lambda: self._joined("and", self._negated))
        self._depth -= 1
        return found

    def _joined(self, word: str, operand: Callable[[], Node]) -> Node:
        parts = [operand()]
        while self._word(word):
            parts.append(operand())
        return parts[0] if len(parts) == 1 else Node(word, parts=tuple(parts))

    def _negated(self) -> Node:
        if self._word("not"):
            return Node("not", parts=(self._negated(),))
        return self._compared()

    def _compared(self) -> Node:
        """Operands and operators from left to right: the server's parentheses give the order."""
        left = self._operand()
        while True:
            if self._word("is"):
                left = self._tested(left)
            elif self._peek("operator"):
                symbol = self._next()
                left = Node("operator", symbol, (left, self._right()))
            elif self._word("collate"):
                self._type_name()
            else:
                return left

    def _right(self) -> Node:
        """The right side; that of ``= ANY (array)``, which is how IN is kept, is a list."""
        for word in ("any", "all"):
            if self._word(word):
                return Node("list", word, self._listed(self._parenthesised()))
        return self._operand()

    @staticmethod
    def _listed(node: Node) -> tuple[Node, ...]:
        if node.kind == "list":
            return node.parts
        if node.kind == "literal" and re.fullmatch(r"\{[^{}\"\\]*\}", node.name):
            items = node.name[1:-1].split(",") if node.name != "{}" else []
            return tuple(Node("literal", item) for item in items)
        raise Unreadable(node.name)

    def _tested(self, left: Node) -> Node:
        negated = self._word("not")
        if self._word("null"):
            found = Node("is null", parts=(left,))
        elif self._word("true"):
            found = left
        elif self._word("false"):
            found = Node("not", parts=(left,))
        else:
            raise Unreadable("IS")
        return Node("not", parts=(found,)) if negated else found

    def _operand(self) -> Node:
        if self._peek("operator") and self._tokens[self._at][1] == "-":
            self._next()
            value = self._operand()
            if value.kind == "literal":
                return Node("literal", f"-{value.name}")
            return Node("negative", parts=(value,))
        found = self._primary()
        while True:
            if self._operator("::"):
                self._type_name()
            elif self._mark("["):
                found = Node("call", "[]", (found, self.expression()))
                self._expect("]")
            else:
                return found

    def _primary(self) -> Node:
        if self._peek("mark") and self._tokens[self._at][1] == "(":
            return self._parenthesised()
        if self._peek("string"):
            return Node("literal", unquoted(self._next()))
        if self._peek("number"):
            return Node("literal", self._next())
        if self._peek("quoted"):
            return self._named(self._next()[1:-1].replace('""', '"'))
        if self._peek("word"):
            return self._worded(self._next())
        raise Unreadable("the end")

    def _worded(self, text: str) -> Node:
        word = text.lower()
        if word == "null":
            return Node("null")
        if word in ("true", "false"):
            return Node("literal", word)
        if word == "array":
            self._expect("[")
            items = [] if self._mark("]") else self._items("]")
            return Node("list", parts=tuple(items))
        if word in _NO_NAMES:
            raise Unreadable(word)
        return self._named(text)

    def _named(self, name: str) -> Node:
        while self._mark("."):
            name = self._next().strip('"')
        if not self._mark("("):
            return Node("column", name)
        arguments = [] if self._mark(")") else self._items(")")
        return Node("call", name, tuple(arguments))

    def _parenthesised(self) -> Node:
        self._expect("(")
        found = self.expression()
        self._expect(")")
        return found

    def _items(self, closing: str) -> list[Node]:
        found = [self.expression()]
        while self._mark(","):
            found.append(self.expression())
        self._expect(closing)
        return found

    def _type_name(self) -> None:
        word = self._next()
        while self._mark("."):
            word = self._next()
        more = _MORE_WORDS.get(word.lower(), ())
        while True:
            if self._mark("("):
                self._items(")")
            elif self._peek("word") and self._tokens[self._at][1].lower() in more:
                self._next()
            elif self._mark("["):  # empty: what is subscripted stands in parentheses
                self._expect("]")
            else:
                return

    def _peek(self, kind: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at][0] == kind

    def _next(self) -> str:
        if self._at >= len(self._tokens):
            raise Unreadable("the end")
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _word(self, word: str) -> bool:
        found = self._peek("word") and self._tokens[self._at][1].lower() == word
        self._at += found
        return found

    def _operator(self, symbol: str) -> bool:
        found = self._peek("operator") and self._tokens[self._at][1] == symbol
        self._at += found
        return found

    def _mark(self, mark: str) -> bool:
        found = self._peek("mark") and self._tokens[self._at][1] == mark
        self._at += found
        return found

    def _expect(self, mark: str) -> None:
        if not self._mark(mark):
            raise Unreadable(f"no {mark}")
