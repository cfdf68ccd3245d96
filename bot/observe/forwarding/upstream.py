"""Connections to the user's server as libpq made the bot's own: over TLS where that was used."""

from __future__ import annotations

import contextlib
import socket
import ssl
from pathlib import Path

from bot.observe.forwarding.packets import TLS

_CONNECT_SECONDS = 10.0
_TLS_REQUEST = (8).to_bytes(4, "big") + TLS.to_bytes(4, "big")
_VERSIONS = {
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
_VERIFYING = ("verify-ca", "verify-full")


class Upstream:
    """Where and how to connect. ``settings`` are those that ``forwarder.start`` writes."""

    def __init__(self, settings: dict[str, str]) -> None:
        self._place = settings["place"]
        self._port = int(settings["port"])
        self._name = settings["host"]
        self._direct = settings.get("sslnegotiation") == "direct"
        self._context = tls_context(settings) if settings["tls"] == "yes" else None

    def connect(self) -> socket.socket:
        """A new connection, ready for the first packet.

        Raises:
            OSError: it cannot be had as the bot's own was.
        """
        if self._place.startswith("/"):
            made = socket.socket(socket.AF_UNIX)
            made.settimeout(_CONNECT_SECONDS)
            made.connect(f"{self._place}/.s.PGSQL.{self._port}")
        else:
            made = socket.create_connection((self._place, self._port), _CONNECT_SECONDS)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._context is not None:
            try:
                return self._secured(made, self._context)
            except BaseException:
                made.close()
                raise
        return made

    def _secured(self, made: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
        if not self._direct:
            made.sendall(_TLS_REQUEST)
            if made.recv(1) != b"S":
                raise OSError("the server does not speak TLS any more")
        return context.wrap_socket(made, server_hostname=self._name)


def tls_context(settings: dict[str, str]) -> ssl.SSLContext:
    """What libpq makes of its parameters (docs, "SSL Support"): which certificates are believed.

    Raises:
        OSError: a file that they name cannot be read.
    """
    mode = settings.get("sslmode", "prefer")
    home = Path(settings["home"], ".postgresql")
    root = settings.get("sslrootcert") or _if_there(home / "root.crt")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = mode == "verify-full" or root == "system"
    if root == "system":
        context.load_default_certs()
    elif root and mode in ("require", *_VERIFYING):
        context.load_verify_locations(root)
    else:
        context.verify_mode = ssl.CERT_NONE
    if (revoked := settings.get("sslcrl")) and context.verify_mode != ssl.CERT_NONE:
        context.load_verify_locations(revoked)
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    certificate = Path(settings.get("sslcert") or home / "postgresql.crt")
    if certificate.exists() and settings.get("sslcertmode") != "disable":
        key = settings.get("sslkey") or _if_there(home / "postgresql.key")
        context.load_cert_chain(certificate, key or None, settings.get("sslpassword") or "")
    with contextlib.suppress(KeyError):
        context.minimum_version = _VERSIONS[settings["ssl_min_protocol_version"]]
    with contextlib.suppress(KeyError):
        context.maximum_version = _VERSIONS[settings["ssl_max_protocol_version"]]
    if settings.get("sslnegotiation") == "direct":
        context.set_alpn_protocols(["postgresql"])
    return context


def _if_there(path: Path) -> str:
    return str(path) if path.exists() else ""
