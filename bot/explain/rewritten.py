"""An attribute of a model as it should stand: its own code with one thing changed."""

from __future__ import annotations

import ast

from bot.source import Attribute


def with_keyword(attribute: Attribute, keyword: str, value: str | None) -> str:
    """Its code with that keyword argument set, or taken away (None). The call is its value."""
    node = ast.parse(attribute.code).body[0]
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return attribute.code
    call = node.value
    if call is None:  # an annotation alone
        call = node.value = ast.Call(ast.Name("mapped_column", ast.Load()), [], [])
    if isinstance(call, ast.Call):
        call.keywords = [item for item in call.keywords if item.arg != keyword]
        if value is not None:
            call.keywords.append(ast.keyword(keyword, ast.parse(value, mode="eval").body))
    return ast.unparse(ast.fix_missing_locations(node))


def with_annotation(attribute: Attribute, stated: str, call: str | None = None) -> str:
    """Its code with that annotation, and ``call`` as the name of what is called."""
    node = ast.parse(attribute.code).body[0]
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    if call is not None and isinstance(value, ast.Call):
        value.func = ast.parse(call, mode="eval").body
    told = "" if value is None else f" = {ast.unparse(value)}"
    return f"{attribute.name}: {stated}{told}"


def keyword_code(attribute: Attribute, keyword: str) -> str | None:
    """The code of that keyword argument, None where the attribute's call has none."""
    node = ast.parse(attribute.code).body[0]
    call = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    for item in call.keywords if isinstance(call, ast.Call) else ():
        if item.arg == keyword:
            return ast.unparse(item.value)
    return None
