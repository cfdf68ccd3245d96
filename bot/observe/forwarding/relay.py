"""The program: takes connections on a unix socket, looks at their beginning, and passes bytes on.

It reads its settings, one JSON object, from standard input, gives up its rights and writes a line
when it is ready. Its clients are a stranger's code: each connection has a thread and nothing else
of the process, and none can ask for more than the scratch role's sessions in scratch databases.
"""

from __future__ import annotations

import contextlib
import encodings.idna  # noqa: F401 - looked up for host names, when no file can be opened any more
import json
import os
import select
import socket
import ssl
import struct
import sys
import threading
from pathlib import Path

from bot.observe.confine import landlock, rights, seccomp
from bot.observe.forwarding import packets
from bot.observe.forwarding.upstream import Upstream

_MOST = 40  # connections at a time; the scratch role gets no more from a server of our own
_PATIENCE = 15.0  # seconds for each step of a session's beginning
_CHUNK = 64 * 1024
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Relay:
    """Lets clients through to one server, as one user into databases whose names start alike."""

    def __init__(self, upstream: Upstream, user: str, prefix: str, peers: set[int]) -> None:
        self._upstream = upstream
        self._user = user
        self._prefix = prefix
        self._peers = peers
        self._free = threading.BoundedSemaphore(_MOST)
        self._keys: set[bytes] = set()  # process id and secret of the sessions that there are

    def serve(self, listener: socket.socket) -> None:
        """Take connections for ever."""
        while True:
            client, _ = listener.accept()
            if self._free.acquire(blocking=False):
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()
            else:
                with client, contextlib.suppress(OSError):
                    client.sendall(packets.refusal(f"more than {_MOST} connections"))

    def _serve(self, client: socket.socket) -> None:
        # The other side goes away at any time; nobody reads what would be said about that.
        with client, contextlib.suppress(OSError):
            try:
                client.settimeout(_PATIENCE)
                self._begin(client)
            except packets.Refused as refused:
                client.sendall(packets.refusal(str(refused)))
            except OSError as error:
                client.sendall(packets.refusal(f"the server cannot be reached: {error}"))
            finally:
                self._free.release()

    def _begin(self, client: socket.socket) -> None:
        packet = _first_packet(client)  # what is unread at the end takes the last words along
        if _peer(client) not in self._peers:
            raise packets.Refused("only the migrations' user is let through")
        while packets.code(packet) in (packets.TLS, packets.GSS):
            client.sendall(b"N")  # the way to us is one inside this machine
            packet = _first_packet(client)
        if packets.code(packet) == packets.CANCEL:
            if packet[4:] in self._keys:
                with self._upstream.connect() as server:
                    server.sendall(_with_length(packet))
            return
        packets.check_startup(packet, self._user, self._prefix)
        with self._upstream.connect() as server:
            server.settimeout(_PATIENCE)
            server.sendall(_with_length(packet))
            key = self._until_ready(client, server)
            try:
                _pass_on(client, server)
            finally:
                self._keys.discard(key)

    def _until_ready(self, client: socket.socket, server: socket.socket) -> bytes:
        """Pass on the exchange of passwords; the key for canceling, when the session is ready."""
        key, rest = b"", b""
        while True:
            for one in _readable(client, server):
                data = one.recv(_CHUNK)
                if not data:
                    raise OSError("closed")
                if one is client:
                    server.sendall(data)
                    continue
                found, rest = packets.first_messages(rest + data)
                for kind, body in found:
                    told = packets.without_channel_binding(kind, body)
                    client.sendall(packets.message(kind, told))
                    if kind == b"K":
                        key = body
                        self._keys.add(key)
                    if kind == b"E":
                        raise OSError("refused by the server, and told")
                if any(kind == b"Z" for kind, _ in found):
                    client.sendall(rest)
                    return key


def _pass_on(client: socket.socket, server: socket.socket) -> None:
    """Bytes in both directions until one side ends; neither direction waits for the other.

    A client may send requests and read no answer before the last one is sent.
    """
    other = {client: server, server: client}
    waiting = {client: bytearray(), server: bytearray()}  # what each is still to be sent
    for one in other:
        one.settimeout(0)
    while True:
        reading = [one for one in other if len(waiting[other[one]]) < _CHUNK]
        writing = [one for one in other if waiting[one]]
        # What is decrypted already the kernel knows nothing of.
        decrypted = isinstance(server, ssl.SSLSocket) and server in reading and server.pending()
        ready, able, _ = select.select(reading, writing, [], 0 if decrypted else None)
        for one in {*ready, server} if decrypted else ready:
            with contextlib.suppress(*_NOT_NOW):
                data = one.recv(_CHUNK)
                if not data:
                    other[one].settimeout(_PATIENCE)
                    other[one].sendall(waiting[other[one]])
                    return
                waiting[other[one]] += data
        for one in able:
            with contextlib.suppress(*_NOT_NOW):
                del waiting[one][: one.send(waiting[one])]


def _readable(client: socket.socket, server: socket.socket) -> list[socket.socket]:
    if isinstance(server, ssl.SSLSocket) and server.pending():
        return [server]
    found: list[socket.socket] = select.select([client, server], [], [], _PATIENCE)[0]
    if not found:
        raise OSError("nothing was said for too long")
    return found


def _first_packet(client: socket.socket) -> bytes:
    length = int.from_bytes(_exactly(client, 4), "big")
    if not packets.SHORTEST <= length <= packets.LONGEST:
        raise packets.Refused("the first packet has no possible length")
    return _exactly(client, length - 4)


def _exactly(client: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = client.recv(count - len(data))
        if not piece:
            raise OSError("closed")
        data += piece
    return data


def _with_length(packet: bytes) -> bytes:
    return (len(packet) + 4).to_bytes(4, "big") + packet


def _peer(client: socket.socket) -> int:
    """The user on the other end, as the kernel knows it (unix(7), SO_PEERCRED)."""
    found = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", found)
    return int(user)


def _give_up_rights(settings: dict[str, str]) -> None:
    without = settings["without"].split(",")
    user = int(settings["user_id"]) if settings["user_id"] else None
    if user is not None:
        rights.drop_capabilities_for_good()
    rights.gain_nothing()
    if "landlock" not in without and landlock.version() >= landlock.OLDEST:
        landlock.restrict([], [settings["sockets"]], network=True)
    if user is not None:
        rights.become(user)
    if "seccomp" not in without and seccomp.available():
        seccomp.restrict(network=True, system_v=False)


def run() -> None:
    """Serve until the process is ended."""
    settings: dict[str, str] = json.loads(sys.stdin.read())
    upstream = Upstream(settings)  # certificates are read while we may
    listener = socket.socket(socket.AF_UNIX)
    path = Path(settings["sockets"]) / f".s.PGSQL.{settings['listen']}"
    listener.bind(str(path))
    path.chmod(0o666)  # who may connect is asked of the kernel, connection by connection
    listener.listen(_MOST)
    peers = range(int(settings["first_peer"]), int(settings["last_peer"]) + 1)
    relay = Relay(upstream, settings["user"], settings["prefix"], {os.geteuid(), *peers})
    threading.excepthook = lambda _: None  # nobody reads what would be said
    _give_up_rights(settings)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    relay.serve(listener)
