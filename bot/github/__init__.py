"""GitHub, asked and told: the one folder that imports PyGithub and holds the token.

``ask`` reads (rights, heads, pull requests) and ``publish`` writes (comment, review, status, check
run). PyGithub is imported at the first call, not before: it takes longer than a check of a pull
request that touches no migration.
"""

from __future__ import annotations

from bot.github.client import GitHub
from bot.github.faults import GitHubError, Trouble
from bot.github.records import (
    NotKnown,
    OpenPullRequest,
    Part,
    Place,
    Published,
    PullRequest,
    State,
    WorkflowRun,
)

__all__ = [
    "GitHub",
    "GitHubError",
    "NotKnown",
    "OpenPullRequest",
    "Part",
    "Place",
    "Published",
    "PullRequest",
    "State",
    "Trouble",
    "WorkflowRun",
]
