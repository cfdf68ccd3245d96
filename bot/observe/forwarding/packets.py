"""The packets of a session's beginning (PostgreSQL docs, "Message Formats"). Pure.

What a client sends is a stranger's: it is taken apart strictly, and only what the scratch role does
with its databases goes on.
"""

from __future__ import annotations

SHORTEST, LONGEST = 8, 10_000  # bytes of a first packet: MAX_STARTUP_PACKET_LENGTH (libpq/pqcomm.h)
LONGEST_ANSWER = 64 * 1024  # bytes of a message before the session is ready
TLS, GSS, CANCEL = 80877103, 80877104, 80877102  # codes in the place of a protocol version
_WORD = 4  # bytes of a length, which counts itself, and of a code
_PROTOCOL = 3  # the major version
_SASL = 10  # AuthenticationSASL
_BOUND = b"SCRAM-SHA-256-PLUS"  # bound to a TLS channel, which ends here and not at the client


class Refused(Exception):
    """The packet asks for what is not allowed; the message is told to the client."""


def code(packet: bytes) -> int:
    """What a first packet (without its length) is: a protocol version, or one of the codes.

    Raises:
        Refused: it is shorter than that.
    """
    if len(packet) < _WORD:
        raise Refused("the first packet is too short")
    return int.from_bytes(packet[:4], "big")


def check_startup(packet: bytes, user: str, prefix: str) -> None:
    """Let a StartupMessage (without its length) pass.

    Raises:
        Refused: it is none, or is about another role, another database or replication.
    """
    if code(packet) >> 16 != _PROTOCOL:
        raise Refused("only protocol 3 is understood")
    fields = packet[4:].split(b"\0")
    if fields[-2:] != [b"", b""] or len(fields) % 2:
        raise Refused("the startup packet is not well formed")
    names, values = fields[:-2:2], fields[1:-2:2]
    if len(set(names)) != len(names):
        raise Refused("the startup packet names a parameter twice")
    said = dict(zip(names, values, strict=True))
    if said.get(b"user") != user.encode():
        raise Refused("only the scratch role is let through")
    if not said.get(b"database", b"").startswith(prefix.encode()):
        raise Refused("only scratch databases are let through")
    if b"replication" in said:
        raise Refused("replication is not let through")


def refusal(message: str) -> bytes:
    """An ErrorResponse that ends the session."""
    fields = ("SFATAL", "VFATAL", "C28000", f"Mdb-recheck: {message}")
    body = b"".join(field.encode() + b"\0" for field in fields) + b"\0"
    return b"E" + (len(body) + 4).to_bytes(4, "big") + body


def first_messages(data: bytes) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """The whole messages (type, body) in what a server sent, and the rest.

    Raises:
        Refused: one is longer than any before a session is ready.
    """
    found = []
    while len(data) > _WORD:
        length = int.from_bytes(data[1 : _WORD + 1], "big")
        if not _WORD <= length <= LONGEST_ANSWER:
            raise Refused("the server sent a message that is too long")
        if len(data) < length + 1:
            break
        found.append((data[:1], data[_WORD + 1 : length + 1]))
        data = data[length + 1 :]
    return found, data


def message(kind: bytes, body: bytes) -> bytes:
    """A message as it is sent."""
    return kind + (len(body) + 4).to_bytes(4, "big") + body


def without_channel_binding(kind: bytes, body: bytes) -> bytes:
    """The body, without the offer to bind the password's exchange to TLS.

    libpq takes such an offer without TLS for an attack (fe-auth.c, pg_SASL_init).
    """
    if kind != b"R" or int.from_bytes(body[:4], "big") != _SASL:
        return body
    offered = [name for name in body[4:].split(b"\0") if name and name != _BOUND]
    return body[:4] + b"".join(name + b"\0" for name in offered) + b"\0"
