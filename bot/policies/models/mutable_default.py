"""A column's default was one list, dictionary or set for all rows.

SQLAlchemy puts the same object into every new instance: what one of them appends is in all that
come after, across requests, until the process ends.

Give the type or a function, which makes a new object each time.

Reference: https://docs.sqlalchemy.org/en/20/core/defaults.html#python-executed-functions
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.python.columns_in_source import column_attributes
from bot.explain.python.declared import COLUMN
from bot.explain.python.rewritten import keyword_code, with_keyword
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.source import Attribute, Expression, SourceFile
from bot.wording import block, code

SEVERITY = Severity.WARN
_MUTABLE = ("list", "dict", "set")
_VALUES = tuple(f"value {name}" for name in (*_MUTABLE, "bytearray", "defaultdict", "OrderedDict"))


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a column; the columns of mixins are columns. SQLModel copies its defaults."""
    for item in column_attributes(facts):
        if item.attribute.calls(*COLUMN) is None:
            continue
        kind = _kind(item.attribute, item.file)
        column = item.model.column(item.attribute.name) if item.model else None
        if kind is None and column is not None and column.default in _VALUES:
            kind = (column.default or "").removeprefix("value ")
        if kind is None or (item.before and item.base and _kind(item.before, item.base)):
            continue
        yield item.finding(
            title=f"All rows share the default of {code(item.name)}",
            message=f"`default` is one {kind}, and every new instance gets that very object.",
            remedies=(
                Remedy(
                    "Make a new one for each row",
                    block(_each_its_own(item.attribute, kind), "python"),
                ),
            ),
        )


def _kind(attribute: Attribute, file: SourceFile) -> str | None:
    """What the default is, where it is one mutable object; None otherwise."""
    given = attribute.value.argument("default") if attribute.value else None
    return _made(given, file) if given is not None else None


def _made(given: Expression, file: SourceFile) -> str | None:
    if given.kind == "name" and given.name in file.constants:
        given = file.constants[given.name]
    if given.kind in ("display", "call") and given.name in _MUTABLE:
        return given.name
    return None


def _each_its_own(attribute: Attribute, kind: str) -> str:
    given = attribute.value.argument("default") if attribute.value else None
    told = keyword_code(attribute, "default")
    if told is None or given is None or told in ("[]", "{}", "list()", "dict()", "set()"):
        return with_keyword(attribute, "default", kind if kind in _MUTABLE else f"lambda: {kind}()")
    new = told if given.kind == "display" else f"{kind}({told})"
    return with_keyword(attribute, "default", f"lambda: {new}")
