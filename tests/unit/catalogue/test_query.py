"""The catalogue query as text, for servers that may not be at hand."""

from __future__ import annotations

import re

import pytest

from bot.observe.catalogue.query import OLDEST_MAJOR, compose, settings


@pytest.mark.parametrize("major", range(OLDEST_MAJOR, 20))
def test_nothing_is_left_to_fill_in(major: int) -> None:
    """No version mark and no macro remains, quotes and brackets are even, kinds are unique."""
    query = compose(major)
    assert not re.search(r"-- (since|before)|\{\w+ ", query)
    code = re.sub(r"--.*|'[^']*'", "", query)
    assert code.count("(") == code.count(")")
    assert "'" not in code
    kinds = re.findall(r"^'([a-z -]+)', \(SELECT json_agg", query, re.MULTILINE)
    assert len(kinds) == len(set(kinds)) > 40


@pytest.mark.parametrize(
    ("column", "since"),
    [
        ("attcompression", 14),
        ("rngmultitypid", 14),
        ("inhdetachpending", 14),
        ("substream", 14),
        ("prqual", 15),
        ("confdelsetcols", 15),
        ("indnullsnotdistinct", 15),
        ("pg_parameter_acl", 15),
        ("inherit_option", 16),
        ("suborigin", 16),
        ("subfailover", 17),
        ("conenforced", 18),
    ],
)
def test_a_column_is_read_from_the_version_that_brought_it(column: str, since: int) -> None:
    """PostgreSQL's release notes and "System Catalogs" say since when it exists."""
    assert column not in compose(since - 1)
    assert column in compose(since)


def test_settings_last_for_one_transaction() -> None:
    """Each is set locally."""
    assert settings().count("set_config(") == settings().count(", true)")
