"""Revisions of other open pull requests on the same parent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.facts import Facts, OtherPullRequest, OtherRevision, PullRequest
from bot.policies.chain.open_pull_request_collision import check
from bot.wording import code, prose
from tests.unit.policies.cases import added, facts
from tests.unit.policies.test_hostile_names import HOSTILE

THEIRS = OtherRevision("migrations/versions/x.py", "x", ("a",))


def beside(*revisions: OtherRevision, title: str = "Tags", **more: object) -> Facts:
    """Revision b on a, while #8 adds these."""
    other = OtherPullRequest(8, title, "tags", revisions)
    seen = facts(None, None, added("b", "a"), **more)
    return replace(seen, pull_request=PullRequest(7, others=(other,)))


def test_same_parent_is_told_once() -> None:
    """At the line that names the parent, with the line that would mend it."""
    again = replace(THEIRS, path="migrations/versions/y.py", revision="y")
    (finding,) = check(beside(THEIRS, again))
    assert (finding.path, finding.line, finding.revision) == ("migrations/versions/b.py", 9, "b")
    assert 'down_revision = "x"' in finding.remedies[0].text
    assert "#8 (Tags)" in finding.message


@pytest.mark.parametrize(
    "other",
    [
        replace(THEIRS, down_revision=("b",)),
        replace(THEIRS, down_revision=()),
        replace(THEIRS, down_revision=None),
        replace(THEIRS, revision=None),
        replace(THEIRS, revision="b"),
        replace(THEIRS, revision="a"),
        replace(THEIRS, path="other/versions/x.py"),
    ],
)
def test_what_is_no_collision(other: OtherRevision) -> None:
    """On top of ours, unreadable, the same revision in both branches, another project's."""
    assert list(check(beside(other))) == []


def test_nothing_is_said_of_what_is_not_known() -> None:
    """On the command line, and where GitHub did not list the others."""
    seen = beside(THEIRS)
    assert list(check(replace(seen, pull_request=None))) == []
    assert list(check(replace(seen, pull_request=PullRequest(7)))) == []


def test_a_strangers_title_stays_a_text() -> None:
    """Another pull request's author does not write into this one's review."""
    (finding,) = check(beside(replace(THEIRS, revision=HOSTILE), title=HOSTILE))
    title = prose(HOSTILE, 120)
    assert title in finding.message
    assert code(HOSTILE) in finding.message
    assert HOSTILE not in finding.message.replace(code(HOSTILE), "")
