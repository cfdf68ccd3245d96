"""What the double can be made to do wrong, as the real service does on a bad day."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

Way = Literal["answer", "hang", "drop", "cut"]


@dataclass
class Fault:
    """A fault of the next ``times`` requests of that method whose path holds the pattern.

    ``answer`` gives ``status``, ``headers`` and ``message``; ``hang`` answers too late, ``drop``
    closes the connection, ``cut`` breaks off in the middle of the answer. With ``done`` the request
    takes effect before that. ``skip`` lets that many requests pass first.
    """

    method: str = ".*"
    path: str = ".*"
    way: Way = "answer"
    status: int = 502
    message: str = "Server Error"
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 1
    skip: int = 0
    done: bool = False

    def strikes(self, method: str, path: str) -> bool:
        """Whether it is this request's turn; counts down."""
        if self.times == 0 or not re.fullmatch(self.method, method):
            return False
        if not re.search(self.path, path):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)


def secondary_limit(retry_after: int | None = 30, **where: str | int) -> Fault:
    """GitHub's secondary rate limit (GitHub docs: "Rate limits for the REST API")."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Fault(status=403, message=SECONDARY, headers=headers, **where)  # type: ignore[arg-type]  # fields by name
