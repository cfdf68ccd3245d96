"""What a review of an attempt leaves, and the secrets that must never be among it."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.github.double.state import World

MARK = f"canary-{secrets.token_hex(8)}"


def secret(name: str) -> str:
    """A value that must never be seen anywhere."""
    return f"{MARK}-{name}"


SECRETS = {
    "INPUT_TOKEN": secret("token"),
    "ACTIONS_RUNTIME_TOKEN": secret("runtime"),
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": secret("identity"),
    "ACTIONS_CACHE_URL": f"https://results.invalid/{secret('cache')}/",
    "AWS_SECRET_ACCESS_KEY": secret("cloud"),
}


@dataclass(frozen=True)
class Seen:
    """How a review ended and everything that came of it.

    ``texts`` is all that was printed, written and posted; ``printed`` what the runner parsed,
    ``markdown`` what people read. ``came`` is who reached a canary, ``left`` what was not there
    before or is there no more. ``commands`` are the command files that hold anything of others.
    """

    status: int
    report: dict[str, Any]
    printed: str
    markdown: tuple[str, ...]
    texts: str
    seconds: float
    came: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    commands: dict[str, str] = field(default_factory=dict)

    @property
    def findings(self) -> list[str]:
        """``severity policy`` of what the change introduces and nobody waived."""
        return sorted(
            f"{item['severity']} {item['policy']}"
            for item in self.report["findings"]
            if item["introduced"] and not item["waived"]
        )

    @property
    def unseen(self) -> str:
        """Everything that was not checked."""
        return json.dumps(self.report["not_checked"], ensure_ascii=False)


def posted(world: World) -> list[str]:
    """All Markdown on the pull request; states, titles and annotations are shown as plain text."""
    return [
        *(comment.body for comment in world.comments.values()),
        *(review.body for review in world.reviews.values()),
        *(comment.body for comment in world.line_comments.values()),
        *(check.summary for check in world.check_runs.values()),
    ]


def beyond(these: list[str], those: list[str]) -> list[str]:
    """What of these is not among those."""
    return [item for item in these if item not in those]
