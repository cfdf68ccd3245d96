"""The connection to GitHub: PyGithub, with patience that ends and a token that is never shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from bot.github.faults import Fault, GitHubError, Trouble, fault_of

if TYPE_CHECKING:
    from github import Github
    from github.Commit import Commit

T = TypeVar("T")

ATTEMPTS = 4
UNTOLD = 60.0  # seconds to wait when a limit does not say (GitHub docs: "at least one minute")
HASTE = 10  # writes without a pause between them; GitHub asks for one second between many
PAUSE = 1.0  # seconds between further writes
READ_AGAIN = frozenset({Trouble.LIMITED, Trouble.UNAVAILABLE})
WRITE_AGAIN = frozenset({Trouble.LIMITED})  # anything else may have been done already


class GitHub:
    """One API of one GitHub, for one token.

    ``timeout`` bounds each answer, in seconds; ``patience`` is how many seconds all calls together
    may spend waiting for limits to pass and services to come back. ``sleep`` and ``wall`` (seconds
    since the epoch) are passed in by tests.

    Raises:
        GitHubError: from every method; see ``Trouble``.
    """

    def __init__(
        self,
        token: str,
        api_url: str,
        *,
        timeout: int = 15,
        patience: float = 120.0,
        sleep: Callable[[float], None] = time.sleep,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.api_url = api_url.rstrip("/")
        self._token = token.strip()
        self._timeout = timeout
        self._patience = patience
        self._sleep = sleep
        self._wall = wall
        self._writes = 0
        self._api: Github | None = None
        self._login: str | None = None

    def __repr__(self) -> str:
        return f"GitHub({self.api_url!r})"

    def __reduce__(self) -> str:
        raise TypeError("a GitHub connection stays in its process: it holds the token")

    @property
    def has_token(self) -> bool:
        """Whether there is a token: without one nothing is answered."""
        return bool(self._token)

    def read(self, ask: Callable[[Github], T]) -> T:
        """What ``ask`` returns; asked again when GitHub is limited or unavailable."""
        return self._call(ask, READ_AGAIN)

    def write(self, tell: Callable[[Github], T]) -> T:
        """What ``tell`` returns; told again only when a limit kept it from being done."""
        self._writes += 1
        if self._writes > HASTE:
            self._sleep(PAUSE)
        return self._call(tell, WRITE_AGAIN)

    def query(self, text: str, *, patient: bool = True, **variables: Any) -> dict[str, Any]:
        """The ``data`` of a GraphQL query; asked once only when not ``patient``."""
        again = READ_AGAIN if patient else frozenset()
        return self._call(lambda api: _graphql(api, text, variables), again)

    def mutate(self, text: str, **variables: Any) -> dict[str, Any]:
        """The ``data`` of a GraphQL mutation."""
        return self.write(lambda api: _graphql(api, text, variables))

    def login(self) -> str | None:
        """Who this token is, like ``github-actions[bot]``; None when GitHub does not tell.

        ``GET /user`` is closed to the token of a workflow, GraphQL's ``viewer`` is not.
        """
        if self._login is None:
            try:
                self._login = str(self.query("query { viewer { login } }")["viewer"]["login"])
            except GitHubError:
                return None
        return self._login

    def _call(self, call: Callable[[Github], T], again: frozenset[Trouble]) -> T:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return call(self._connected())
            except GitHubError:
                raise
            except Exception as error:  # noqa: BLE001 - PyGithub raises asserts, KeyErrors and more
                fault = fault_of(error, self._wall())
            # Out of the handler: an error raised there would carry PyGithub's, whose request holds
            # the token in its headers.
            if fault.trouble not in again or attempt == ATTEMPTS or not self._wait(fault, attempt):
                break
        raise GitHubError(fault.trouble, self._without_token(fault.message))

    def _wait(self, fault: Fault, attempt: int) -> bool:
        """Wait as long as the fault calls for; False when that is longer than the patience."""
        if fault.wait is not None:
            seconds = fault.wait
        elif fault.trouble is Trouble.LIMITED:
            seconds = UNTOLD * 2 ** (attempt - 1)
        else:
            seconds = 2.0 ** (attempt - 1)
        if seconds > self._patience:
            return False
        self._patience -= seconds
        self._sleep(seconds)
        return True

    def _without_token(self, text: str) -> str:
        return text.replace(self._token, "***") if self._token else text

    def _connected(self) -> Github:
        if not self._token:
            raise GitHubError(
                Trouble.NOT_PERMITTED, "there is no token: pass `token: ${{ github.token }}`"
            )
        if self._api is None:
            from github import Auth, Github

            self._api = Github(
                auth=Auth.Token(self._token),
                base_url=self.api_url,
                timeout=self._timeout,
                user_agent="db-recheck",
                per_page=100,
                retry=None,  # PyGithub's own waits without end, and not through our clock
                seconds_between_requests=0,
                seconds_between_writes=0,
                lazy=True,  # an object is not fetched before its content is asked for
            )
        return self._api


def commit(api: Github, repository: str, sha: str) -> Commit:
    """A handle of the commit that costs no request, not even for its id."""
    from github.Commit import Commit

    url = f"{api.requester.base_url.rstrip('/')}/repos/{repository}/commits/{sha}"
    return Commit(api.requester, attributes={"url": url, "sha": sha}, completed=True)


def _graphql(api: Github, text: str, variables: dict[str, Any]) -> dict[str, Any]:
    _, answer = api.requester.graphql_query(text, variables)
    data: dict[str, Any] = answer["data"]
    return data
