"""A new default called for the time without its zone.

`datetime.utcnow()` and `now()` without a zone give a time that does not say what it is: PostgreSQL
and every reader take it for their own zone's, and it is hours off as soon as two of them differ.

Take the time with its zone, or let the database do it.

Reference: https://docs.python.org/3/library/datetime.html#datetime.datetime.utcnow
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.python.columns_in_source import column_attributes
from bot.explain.python.rewritten import with_keyword
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.source import Attribute, Expression, SourceFile
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "contract"
PRESETS = (3, 5)
_WHERE = ("default", "onupdate", "insert_default", "default_factory")
_ALWAYS = frozenset({"datetime.datetime.utcnow", "datetime.datetime.utcfromtimestamp"})
_WITHOUT = frozenset({"datetime.datetime.now", "datetime.datetime.today"})
_AWARE = "lambda: datetime.now(timezone.utc)"


def check(facts: Facts) -> Iterator[Finding]:
    """One finding an attribute; the columns of mixins are columns."""
    for item in column_attributes(facts):
        keyword = _naive(item.attribute, item.file)
        if keyword is None or (item.before and item.base and _naive(item.before, item.base)):
            continue
        aware = with_keyword(item.attribute, keyword, _AWARE)
        yield item.finding(
            title=f"{code(item.name)} takes the time without its zone",
            message=f"What `{keyword}` gives does not say which zone it is meant in.",
            remedies=(
                Remedy(
                    "Take it with its zone",
                    block(f"from datetime import datetime, timezone\n\n{aware}", "python"),
                ),
            ),
        )


def _naive(attribute: Attribute, file: SourceFile) -> str | None:
    """The keyword of the call whose value gives a naive time, or None."""
    for keyword in _WHERE if attribute.value else ():
        given = attribute.value.argument(keyword) if attribute.value else None
        if given is not None and _gives_naive(given, file):
            return keyword
    return None


def _gives_naive(given: Expression, file: SourceFile) -> bool:
    if given.kind == "lambda" and given.inner is not None:
        return _is_naive_call(given.inner)
    if given.kind != "name":
        return _is_naive_call(given)  # called once, when the class is made
    own = next((item for item in file.functions if item.name == given.name), None)
    if own is not None and own.gives is not None:
        return _is_naive_call(own.gives)
    return given.name in _ALWAYS | _WITHOUT


def _is_naive_call(given: Expression) -> bool:
    if given.kind != "call":
        return False
    return given.name in _ALWAYS or (given.name in _WITHOUT and not given.arguments)
