"""Texts for regular expressions: what is made matches, and differs from number to number."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.observe.rows.pattern import matching

KNOWN = [
    r"^[^@]+@[^@]+\.[a-z]{2,}$",
    r"^\d{3}-\d{4}$",
    r"^[A-Z][a-z]*$",
    r"^(foo|bar)[0-9]?$",
    r"^#[0-9a-fA-F]{6}$",
    r"^\+?[1-9]\d{1,14}$",
    r"^[a-z0-9]+(?:-[a-z0-9]+)*$",
    r"^(?:(?:25[0-5]|1\d\d)\.){3}\d$",
    r"^[]x]+$",
    "x",
]


@pytest.mark.parametrize("pattern", KNOWN)
def test_patterns_of_real_constraints_are_matched(pattern: str) -> None:
    """Addresses, codes, slugs, colours, numbers."""
    for number in (0, 1, 99):
        text = matching(pattern, number)
        assert text is not None
        assert re.search(pattern, text)


def test_other_numbers_give_other_texts() -> None:
    """A hundred slugs are a hundred different ones."""
    assert len({matching("^[a-z]+-[0-9]+$", number) for number in range(100)}) == 100


def test_an_alternative_with_few_texts_leaves_the_rest_to_the_others() -> None:
    """A name of one letter, or of several: a hundred are different, whatever their case."""
    pattern = "^([A-Z0-9]|[A-Z0-9][A-Z0-9._-]*[A-Z0-9])$"
    assert len({matching(pattern, number) for number in range(100)}) == 100
    assert matching("^(a|b)$", 7) in ("a", "b")


def test_classes_of_postgresql_alone_are_known() -> None:
    """``[[:alpha:]]`` means nothing to Python."""
    text = matching("^[[:alpha:]]{3}[[:digit:]]$", 7)
    assert text is not None
    assert re.fullmatch("[a-z]{3}[0-9]", text)


@pytest.mark.parametrize(
    "pattern", ["^(?=x)x", r"(a)\1", "[z-a]", "a{5000}", "(", "*", "[[:odd:]]"]
)
def test_what_is_not_known_gives_nothing(pattern: str) -> None:
    """A lookahead, a reference back, an impossible class, an endless text."""
    assert matching(pattern, 0) is None


@given(st.text(alphabet=r"ab1[](){}|*+?^$\d.-:,", max_size=30), st.integers(0, 1000))
def test_no_pattern_stops_it(pattern: str, number: int) -> None:
    """Whatever stands there, the text matches or there is none."""
    text = matching(pattern, number)
    if text is not None and "[:" not in pattern and "[[" not in pattern:
        try:
            compiled = re.compile(pattern)
        except (re.error, FutureWarning):
            return
        assert compiled.search(text)
