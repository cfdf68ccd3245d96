"""Starts the program that leads the target's code to the user's server."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

from bot.observe.room import DYNAMIC_USERS, Room
from bot.observe.server.configuration import SOCKET_PORT
from bot.observe.server.options import Address, ServerError

_PATIENCE = 15.0  # seconds for it to start
_ROOT = Path(__file__).parents[3]  # where the package bot lies
_START = (
    "import sys; sys.path.append(sys.argv[1]); from bot.observe.forwarding.relay import run; run()"
)


class Forwarder:
    """A running one; ``close`` ends it, and so does the room's end.

    ``owner`` is the role that it lets through, with the parameters by which the bot reaches the
    server; ``place`` the numeric address that it was found at, or the folder of a socket. ``tls``
    says whether the bot's own connection is encrypted: then the target's is, from here on.
    """

    def __init__(
        self,
        room: Room,
        owner: Address,
        place: str,
        prefix: str,
        *,
        tls: bool,
        without: frozenset[str] = frozenset(),
    ) -> None:
        # The server may know a local user by its operating system's name (peer authentication).
        apart = os.geteuid() == 0 and not place.startswith("/")
        user = room.reserve_user() if apart else None
        self._room = room
        self._sockets = room.folder("forward", mode=0o711)
        peers = DYNAMIC_USERS if os.geteuid() == 0 else (os.geteuid(),)
        settings = {
            **dict(owner.parameters),
            "home": str(Path.home()),
            "host": owner.host,
            "place": place,
            "port": str(owner.port),
            "tls": "yes" if tls else "no",
            "user": owner.user,
            "prefix": prefix,
            "sockets": str(self._sockets),
            "listen": str(SOCKET_PORT),
            "user_id": "" if user is None else str(user),
            "first_peer": str(peers[0]),
            "last_peer": str(peers[-1]),
            "without": ",".join(sorted(without)),
        }
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _START, str(_ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            env={},
            start_new_session=True,
        )
        room.register_group(self._process.pid)
        self._mutex = threading.Lock()
        self._ready = False
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        with contextlib.suppress(BrokenPipeError), self._process.stdin as stream:
            stream.write(json.dumps(settings).encode())

    def address(self, owner: Address) -> Address:
        """Where the target's code finds the server, once that is possible.

        Raises:
            ServerError: the program does not start.
        """
        self._wait()
        return replace(owner, host=str(self._sockets), port=SOCKET_PORT, parameters=())

    def _wait(self) -> None:
        with self._mutex:
            if self._ready:
                return
            assert self._process.stdout is not None  # noqa: S101 - it is a pipe
            said = b""
            if select.select([self._process.stdout], [], [], _PATIENCE)[0]:
                said = self._process.stdout.readline()
            if said != b"ready\n":
                self._process.kill()
                _, why = self._process.communicate()
                last = why.decode("utf-8", "replace").strip().splitlines()[-1:]
                raise ServerError(
                    "the way to the PostgreSQL of the database URL cannot be opened for the"
                    f" migrations: {last[0] if last else 'no reason was given'}; check its TLS"
                    " parameters (sslmode, sslrootcert, sslcert)"
                )
            self._ready = True

    def close(self) -> None:
        """End it. Idempotent."""
        self._process.kill()
        self._process.wait()
        self._room.forget(self._process.pid)
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
