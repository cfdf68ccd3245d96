"""Process 1 of the container in which attempts run: servers that nobody may reach, and a witness.

A program of the standard library, for the container's own Python. ``canaries.py serve`` listens on
the loopback and on a socket without a file, notes who comes, and reaps orphans as an init does.
``canaries.py look`` prints as JSON what there is: processes, files where anybody may leave some,
shared memory, and who came.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

PORT = 4242
FOLDER = Path("/canary")
HITS = FOLDER / "hits"
READY = FOLDER / "ready"
_OPEN = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/var/lock")  # noqa: S108 - looked at
_CLOSED = ("/etc", "/opt/db-recheck/bin", "/root", "/usr/local/bin", "/var/cache", "/github")
_OURS = ("/github/file_commands/", "/github/workspace/db-recheck-report", "/var/cache/db-recheck")
_IPC = ("shm", "sem", "msg")


def serve() -> None:
    """Listen until the container ends."""
    signal.signal(signal.SIGCHLD, _reap)
    FOLDER.mkdir(mode=0o700)
    chosen = selectors.DefaultSelector()
    for server in _servers():
        chosen.register(server, selectors.EVENT_READ)
    READY.touch()
    while True:
        for key, _ in chosen.select():
            with contextlib.suppress(OSError):
                _note(key.fileobj)  # type: ignore[arg-type]  # what was registered is a socket


def _reap(*_: object) -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _servers() -> Iterator[socket.socket]:
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with contextlib.suppress(OSError):  # a kernel without IPv6
            yield socket.create_server((host, PORT), family=family)
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("127.0.0.1", PORT))
    yield datagrams
    nameless = socket.socket(socket.AF_UNIX)
    nameless.bind("\0canary")
    nameless.listen()
    yield nameless


def _note(server: socket.socket) -> None:
    if server.type == socket.SOCK_DGRAM:
        data = server.recv(4096)
    else:
        client = server.accept()[0]
        with client:
            client.settimeout(0.5)
            data = b""
            with contextlib.suppress(OSError):
                data = client.recv(4096)
                client.sendall(b"HTTP/1.0 404 Not Found\r\n\r\n")
    with HITS.open("ab") as notes:
        notes.write(data or b"(nothing)\n")


def look() -> dict[str, list[str]]:
    """What there is, each as one line."""
    hits = HITS.read_text("utf-8", "replace").splitlines() if HITS.exists() else []
    return {
        "processes": sorted(_processes()),
        "files": sorted(_files()),
        "memory": [line for kind in _IPC for line in _lines(f"/proc/sysvipc/{kind}")],
        "hits": hits,
    }


def _processes() -> Iterator[str]:
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) in {1, os.getpid()}:
            continue
        with contextlib.suppress(OSError):
            if (entry / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                yield f"{(entry / 'status').stat().st_uid}: {words.decode('utf-8', 'replace')}"


def _files() -> Iterator[str]:
    for place in (*_OPEN, *_CLOSED):
        for folder, names, files in os.walk(place):
            for name in (*names, *files):
                path = os.path.join(folder, name)  # noqa: PTH118 - may be no text
                if path.startswith(_OURS):
                    continue
                yield repr(path) + ("" if place in _OPEN else f" {_digest(path)}")


def _digest(path: str) -> str:
    with contextlib.suppress(OSError):
        if os.path.islink(path):  # noqa: PTH114
            return os.readlink(path)  # noqa: PTH115
        if os.path.isfile(path):  # noqa: PTH113
            return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]
    return ""


def _lines(path: str) -> list[str]:
    # the last columns are times and sizes of the bot's own server
    return [" ".join(line.split()[:3]) for line in Path(path).read_text().splitlines()[1:]]


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve()
    json.dump(look(), sys.stdout)
