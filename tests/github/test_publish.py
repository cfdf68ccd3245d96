"""What appears on a pull request, told by the real client to a double that checks every word."""

from __future__ import annotations

from collections.abc import Callable

from bot.github import GitHub, State
from bot.github.publish import publish
from tests.conftest import Golden
from tests.github import scenes
from tests.github.double.server import Double
from tests.github.double.state import World


def test_a_failing_change_gets_a_comment_a_review_and_a_check_run(
    github: GitHub, double: Double, world: World, golden: Golden
) -> None:
    """Everything that a reviewer would say is said once, each in its place."""
    verdict = scenes.failing(
        scenes.finding(patch=scenes.FIX),
        scenes.finding("11aa11bb22cc33dd", path=scenes.MODEL, line=4, end_line=9, title="Lines"),
        scenes.finding("22aa11bb22cc33dd", path=scenes.MODEL, line=20, title="Between hunks"),
        scenes.finding("33aa11bb22cc33dd", path=scenes.BIG, line=9, title="No patch"),
        scenes.finding("44aa11bb22cc33dd", path=scenes.ELSEWHERE, line=1, title="Not in it"),
    )
    published = publish(github, scenes.place(double), verdict, attach_status=True)

    assert [(part.name, part.state, part.detail) for part in published.parts] == []
