"""What can go wrong between here and GitHub, sorted by what to do about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

MESSAGE = 300  # characters of GitHub's own words that are passed on


class Trouble(Enum):
    """Why a call failed."""

    NOT_PERMITTED = "not permitted"  # 401, 403: the token may not, or the conversation is locked
    GONE = "gone"  # 404, 410: deleted, or hidden from this token
    REFUSED = "refused"  # 422 and its like: GitHub does not take what it was given
    LIMITED = "limited"  # 429 or 403 with a rate limit: nothing was done; later, it would be
    UNAVAILABLE = "unavailable"  # 5xx, a timeout, a broken connection: it may have been done
    UNEXPECTED = "unexpected"  # an answer that nobody understands


class GitHubError(Exception):
    """A call to GitHub failed. The message is a sentence; it never holds the token."""

    def __init__(self, trouble: Trouble, message: str) -> None:
        super().__init__(message)
        self.trouble = trouble


@dataclass(frozen=True)
class Fault:
    """An error taken apart. ``wait`` is the number of seconds that GitHub asks for, or None."""

    trouble: Trouble
    message: str
    wait: float | None = None


def fault_of(error: Exception, now: float) -> Fault:
    """The error of a PyGithub call, classified; ``now`` is the time in seconds since the epoch.

    References: GitHub docs, "Rate limits for the REST API" and "Best practices for using the REST
    API" (403 or 429; ``Retry-After``; ``x-ratelimit-remaining`` and ``-reset``).
    """
    from github import GithubException
    from requests import RequestException, Timeout
    from requests.exceptions import InvalidHeader

    if isinstance(error, GithubException):
        return _answered(error.status, error.data, error.headers or {}, now)
    if isinstance(error, InvalidHeader):
        return Fault(Trouble.NOT_PERMITTED, "the token is no token: it cannot stand in a header")
    if isinstance(error, Timeout):
        return Fault(Trouble.UNAVAILABLE, "GitHub did not answer in time")
    if isinstance(error, RequestException):
        return Fault(Trouble.UNAVAILABLE, f"the connection failed ({type(error).__name__})")
    if isinstance(error, ValueError):
        return Fault(Trouble.UNAVAILABLE, "GitHub's answer was cut or is no JSON")
    return Fault(Trouble.UNEXPECTED, f"GitHub's answer was not understood ({type(error).__name__})")


def _answered(status: int, data: Any, headers: Mapping[str, str], now: float) -> Fault:
    said = _said(data)
    told = f"GitHub answered {status}" + (f": {said}" if said else "")
    kinds = _graphql_kinds(data)
    if "RATE_LIMITED" in kinds or status in {403, 429}:
        limit = _limit(status, said, headers, now, sure="RATE_LIMITED" in kinds)
        if limit:
            return limit
    if status in {401, 403} or "FORBIDDEN" in kinds or "INSUFFICIENT_SCOPES" in kinds:
        return Fault(Trouble.NOT_PERMITTED, told)
    if status in {404, 410} or "NOT_FOUND" in kinds:
        return Fault(Trouble.GONE, told)
    if status == 408 or status >= 500:  # noqa: PLR2004 - HTTP: timeout, and the server's own faults
        return Fault(Trouble.UNAVAILABLE, told)
    return Fault(Trouble.REFUSED if 400 <= status < 500 else Trouble.UNEXPECTED, told)  # noqa: PLR2004 - the client's faults


def _limit(
    status: int, said: str, headers: Mapping[str, str], now: float, *, sure: bool
) -> Fault | None:
    after = _number(headers.get("retry-after"))
    used_up = headers.get("x-ratelimit-remaining") == "0"
    worded = re.search(r"rate limit|abuse detection", said, re.IGNORECASE) is not None
    if not (sure or status == 429 or after is not None or used_up or worded):  # noqa: PLR2004 - HTTP: Too Many Requests
        return None
    reset = _number(headers.get("x-ratelimit-reset")) if used_up else None
    wait = after if after is not None else max(0.0, reset - now) if reset is not None else None
    told = f" and asks to wait {wait:.0f} s" if wait is not None else ""
    return Fault(Trouble.LIMITED, f"GitHub limits the rate of requests{told}", wait)


def _number(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None


def _graphql_kinds(data: Any) -> frozenset[str]:
    errors = data.get("errors") if isinstance(data, dict) else None
    entries = errors if isinstance(errors, list) else []
    return frozenset(
        str(kind) for entry in entries if isinstance(entry, dict) if (kind := entry.get("type"))
    )


def _said(data: Any) -> str:
    """GitHub's own words: the message and those of the first errors, on one line."""
    if not isinstance(data, dict):
        return ""
    errors = data.get("errors")
    first = errors[:3] if isinstance(errors, list) else []
    words = [str(data.get("message") or "")]
    words += [
        str(e.get("message") or e.get("code") or "") if isinstance(e, dict) else str(e)
        for e in first
    ]
    return " ".join("; ".join(filter(None, words)).split())[:MESSAGE]
