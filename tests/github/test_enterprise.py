"""GitHub Enterprise Server: the same under another address, REST and GraphQL alike."""

from __future__ import annotations

from pathlib import Path

from bot.github import GitHub
from bot.github.publish import publish
from tests.github import scenes
from tests.github.conftest import TOKEN


def test_an_enterprise_server_is_spoken_to_at_its_own_address(descriptions: Path) -> None:
    """REST lies under ``/api/v3``, GraphQL under ``/api/graphql``, pages under the host."""
    assert descriptions.is_dir()
    from tests.github.double.server import serving

    with serving("/api/v3") as double:
        world = scenes.furnish(double.world, TOKEN)
        github = GitHub(TOKEN, f"{double.api_url}/")
        for verdict in (scenes.failing(scenes.finding()), scenes.passing()):
            published = publish(github, scenes.place(double), verdict, attach_status=True)
            assert all(part.well for part in published.parts)
        assert world.violations == []
        assert published.comment_url
        assert published.comment_url.startswith(f"{double.server_url}/acme/shop/pull/7#")
        (thread,) = world.line_comments.values()
        assert thread.resolved_by
        assert {r.path for r in world.requests if r.operation} == {"/api/graphql"}
