"""An attribute of a model as it should stand: its own code with one thing changed."""

from __future__ import annotations

import ast
import io
import tokenize

from bot.source import Attribute


def with_keyword(attribute: Attribute, keyword: str, value: str | None) -> str:
    """Its code with that keyword argument set, or taken away (None). The call is its value."""
    node = _parsed(attribute)
    if node is None:
        return attribute.code
    call = node.value
    if call is None:  # an annotation alone
        call = node.value = ast.Call(ast.Name("mapped_column", ast.Load()), [], [])
    if isinstance(call, ast.Call):
        call.keywords = [item for item in call.keywords if item.arg != keyword]
        if value is not None:
            call.keywords.append(ast.keyword(keyword, ast.parse(value, mode="eval").body))
    return _written(node)


def with_annotation(attribute: Attribute, stated: str, call: str | None = None) -> str:
    """Its code with that annotation, and ``call`` as the name of what is called."""
    node = _parsed(attribute)
    value = node.value if node else None
    if call is not None and isinstance(value, ast.Call):
        value.func = ast.parse(call, mode="eval").body
    told = "" if value is None else f" = {_written(value)}"
    return f"{attribute.name}: {stated}{told}"


def with_none(attribute: Attribute, *, allowed: bool) -> str:
    """Its code with an annotation that allows None, or does not; as it is where none is seen."""
    node = _parsed(attribute)
    if not isinstance(node, ast.AnnAssign):
        return attribute.code
    wrapped = isinstance(node.annotation, ast.Subscript) and attribute.annotation is not None
    if wrapped and attribute.annotation and attribute.annotation.wrapper:
        assert isinstance(node.annotation, ast.Subscript)  # noqa: S101 - asked above
        node.annotation.slice = _nullable(node.annotation.slice, allowed=allowed)
    else:
        node.annotation = _nullable(node.annotation, allowed=allowed)
    return _written(node)


def keyword_code(attribute: Attribute, keyword: str) -> str | None:
    """The code of that keyword argument, None where the attribute's call has none."""
    node = _parsed(attribute)
    call = node.value if node else None
    for item in call.keywords if isinstance(call, ast.Call) else ():
        if item.arg == keyword:
            return _written(item.value)
    return None


def quoted(text: str) -> str:
    """It as a Python string, with the quotes that most formatters write."""
    return _written(ast.Constant(text))


def _parsed(attribute: Attribute) -> ast.Assign | ast.AnnAssign | None:
    node = ast.parse(attribute.code).body[0]
    return node if isinstance(node, ast.Assign | ast.AnnAssign) else None


def _nullable(node: ast.expr, *, allowed: bool) -> ast.expr:
    none = ast.Constant(None)
    if allowed:
        return ast.BinOp(node, ast.BitOr(), none)
    if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("Optional"):
        return node.slice
    if isinstance(node, ast.BinOp):
        sides = [node.left, node.right]
        kept = [
            side for side in sides if not (isinstance(side, ast.Constant) and side.value is None)
        ]
        return kept[0] if len(kept) == 1 else node
    return node


def _written(node: ast.AST) -> str:
    """Its code, with the quotes that most formatters write."""
    text = ast.unparse(ast.fix_missing_locations(node))
    tokens = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        inner = token.string[1:-1]
        plain = token.type == tokenize.STRING and token.string.startswith("'")
        swap = plain and not token.string.startswith("'''") and not set(inner) & {'"', "\\"}
        tokens.append(token._replace(string=f'"{inner}"') if swap else token)
    return tokenize.untokenize(tokens)
