"""Git as the bot calls it: a closed environment on a private git directory."""

from __future__ import annotations

import base64
import itertools
import os
from collections.abc import Collection, Mapping
from pathlib import Path

from bot.changes.checkout import find_checkout
from bot.changes.private import make_private
from bot.changes.process import LIMIT_BYTES, Call, Output, to_text

TIMEOUT = 120.0  # seconds for a command on local objects

_CLOSED = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_ALLOW_PROTOCOL": "https:http:ssh:git:file",  # not ext: it names a program to run
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_AUTHOR_NAME": "db-recheck",
    "GIT_AUTHOR_EMAIL": "db-recheck",
    "GIT_COMMITTER_NAME": "db-recheck",
    "GIT_COMMITTER_EMAIL": "db-recheck",
    "LC_ALL": "C",
}

# What a fetch may use of the caller's environment: how to reach the remote, and as whom.
_NETWORK = (
    *("HOME", "USER", "LOGNAME", "SSH_AUTH_SOCK", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO"),
)

# A partial clone's missing objects are fetched when they are needed (git-clone(1), --filter).
_LAZY = ("-c", "remote.origin.promisor=true", "-c", "remote.origin.partialCloneFilter=blob:none")

_serial = itertools.count()


def network_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables with which git reaches the remote.

    ``GITHUB_TOKEN`` goes into a header for ``GITHUB_SERVER_URL`` alone, as actions/checkout sends
    it (base64 of ``x-access-token:<token>``), and never into an argument.
    """
    chosen = {name: environ[name] for name in _NETWORK if name in environ}
    chosen.setdefault("GIT_SSH_COMMAND", "ssh -oBatchMode=yes")  # ask nobody
    if token := environ.get("GITHUB_TOKEN"):
        server = environ.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
        pair = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        chosen |= {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"http.{server}/.extraheader",
            "GIT_CONFIG_VALUE_0": f"AUTHORIZATION: basic {pair}",
        }
    return chosen


class Repository:
    """A checkout, read through a private git directory in ``scratch`` (``bot.changes.private``).

    ``root`` may be any folder of the checkout; the attribute ``root`` is then the top of its
    working tree and ``subfolder`` the folder asked for relative to it ("" for the top): paths in
    everything this package returns are relative to the top. ``environ`` is the caller's: PATH finds
    git, and a fetch takes its credentials from there.

    Raises:
        GitError: not a checkout, or no git.
    """

    def __init__(self, root: Path, environ: Mapping[str, str], scratch: Path) -> None:
        self.checkout = find_checkout(root)
        self.root = self.checkout.root
        self.subfolder = self.checkout.subfolder
        self.environ = environ
        self.scratch = scratch.resolve() / f"git-{os.getpid()}-{next(_serial)}"
        self.directory = self.scratch / "private"
        self.directory.mkdir(parents=True, mode=0o700)
        self.is_partial = False
        settings = self._settings()
        self.has_remote = "remote.origin.url" in settings
        self.is_partial = settings.get("remote.origin.promisor", "").lower() == "true"
        make_private(self.checkout, self.directory, settings)

    def _settings(self) -> dict[str, str]:
        """The checkout's configuration as data: ``--file`` reads it without obeying it."""
        path = self.checkout.common / "config"
        if not path.is_file():
            return {}
        listing = self.run("config", "--file", str(path), "--no-includes", "--null", "--list")
        items = (item.partition("\n") for item in to_text(listing.stdout).split("\0"))
        return {key: value for key, _, value in items}

    @property
    def is_shallow(self) -> bool:
        """Whether history is cut (``actions/checkout`` does so unless ``fetch-depth: 0``)."""
        path = self.directory / "shallow"
        return path.is_file() and path.stat().st_size > 0

    def start(
        self,
        *arguments: str,
        stdin: bytes = b"",
        environ: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
        lazy: bool = True,
    ) -> Call:
        """Start git on the private directory, with ``environ`` on top of the closed environment.

        Objects that a partial clone lacks are fetched unless ``lazy`` is false.
        """
        if self.is_partial and lazy:
            arguments = (*_LAZY, *arguments)
            environ = {**network_environ(self.environ), **(environ or {})}
        closed = {
            **_CLOSED,
            "PATH": self.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin"),
            "GIT_DIR": str(self.directory),
            **(environ or {}),
        }
        # in the root, because a remote's URL may be a path relative to it
        return Call(arguments, closed, self.root, self.scratch, stdin=stdin, timeout=timeout)

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        environ: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
        accept: Collection[int] = (0,),
        limit: int = LIMIT_BYTES,
        lazy: bool = True,
    ) -> Output:
        """Run git to its end.

        Raises:
            GitError: an exit status not in ``accept``, or no answer within ``timeout`` seconds.
        """
        call = self.start(*arguments, stdin=stdin, environ=environ, timeout=timeout, lazy=lazy)
        return call.finish(accept, limit)
