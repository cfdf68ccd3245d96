"""What the forwarder lets through, as bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.observe.forwarding.packets import (
    CANCEL,
    TLS,
    Refused,
    check_startup,
    code,
    first_messages,
    message,
    refusal,
    without_channel_binding,
)

VERSION = (3 << 16).to_bytes(4, "big")
USER, PREFIX = "db_recheck_0a_owner", "db_recheck_0a_"


def startup(version: bytes = VERSION, **fields: str) -> bytes:
    """A startup packet without its length."""
    pairs = b"".join(f"{name}\0{value}\0".encode() for name, value in fields.items())
    return version + pairs + b"\0"


def test_the_scratch_role_in_a_scratch_database_passes() -> None:
    """With whatever other parameters."""
    check_startup(startup(user=USER, database=f"{PREFIX}base_1", options="-c x=1"), USER, PREFIX)


@pytest.mark.parametrize(
    ("packet", "why"),
    [
        (startup(user="postgres", database=f"{PREFIX}base_1"), "scratch role"),
        (startup(database=f"{PREFIX}base_1"), "scratch role"),
        (startup(user=USER, database="production"), "scratch databases"),
        (startup(user=USER), "scratch databases"),
        (startup(user=USER, database=f"{PREFIX}x", replication="database"), "replication"),
        (startup((2 << 16).to_bytes(4, "big"), user=USER, database=f"{PREFIX}x"), "protocol 3"),
        (CANCEL.to_bytes(4, "big") + bytes(8), "protocol 3"),
        (VERSION + b"user\0" + USER.encode() + b"\0database\0", "well formed"),
        (VERSION + b"user\0x\0user\0" + USER.encode() + b"\0\0", "twice"),
        (VERSION, "well formed"),
        (VERSION[:3], "too short"),
        (b"", "too short"),
    ],
)
def test_anything_else_is_refused(packet: bytes, why: str) -> None:
    """With a reason for the client."""
    with pytest.raises(Refused, match=why):
        check_startup(packet, USER, PREFIX)


@given(st.binary(max_size=200))
def test_no_bytes_are_more_than_refused(packet: bytes) -> None:
    """Nothing else is raised, and what passes names the role and a scratch database."""
    try:
        check_startup(VERSION + packet, USER, PREFIX)
    except Refused:
        return
    assert USER.encode() in packet
    assert PREFIX.encode() in packet


@given(st.lists(st.tuples(st.sampled_from([b"R", b"S", b"K", b"Z"]), st.binary(max_size=50))))
def test_messages_are_found_however_they_are_cut(sent: list[tuple[bytes, bytes]]) -> None:
    """Byte by byte, or all at once."""
    data = b"".join(message(kind, body) for kind, body in sent)
    assert first_messages(data) == (sent, b"")
    found, rest = [], b""
    for place in range(len(data)):
        more, rest = first_messages(rest + data[place : place + 1])
        found += more
    assert (found, rest) == (sent, b"")


@given(st.binary(max_size=100))
def test_a_servers_bytes_are_at_most_refused(data: bytes) -> None:
    """A length beyond all reason is not waited for."""
    try:
        found, rest = first_messages(data)
    except Refused:
        return
    assert b"".join(message(kind, body) for kind, body in found) + rest == data


def test_the_offer_to_bind_to_tls_is_taken_out() -> None:
    """Libpq would refuse it on a socket; everything else stays as it is."""
    sasl = (10).to_bytes(4, "big")
    both = sasl + b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"
    one = sasl + b"SCRAM-SHA-256\0\0"
    assert without_channel_binding(b"R", both) == one
    assert without_channel_binding(b"R", one) == one
    assert without_channel_binding(b"S", both) == both
    assert without_channel_binding(b"R", bytes(4)) == bytes(4)


def test_codes_and_refusals_are_what_libpq_expects() -> None:
    """A request for TLS, and an error with its fields."""
    assert code(TLS.to_bytes(4, "big")) == TLS
    told = refusal("no")
    assert first_messages(told) == (
        [(b"E", b"SFATAL\0VFATAL\0C28000\0Mdb-recheck: no\0\0")],
        b"",
    )
