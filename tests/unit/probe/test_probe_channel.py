"""JSON lines over a pair of pipe ends."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.observe.probe.channel import Channel


@pytest.fixture
def pipe() -> Iterator[tuple[Channel, int]]:
    """A channel, and the end of the pipe that it reads from."""
    reader, writer = os.pipe()
    yield Channel(reader, writer), writer
    os.close(reader)


def written(message: dict[str, Any], **options: Any) -> bytes:
    """What the channel writes; into a file, which takes any length at once."""
    with tempfile.TemporaryFile() as file:
        Channel(file.fileno(), file.fileno()).send(message, **options)
        file.seek(0)
        return file.read()


def test_receive(pipe: tuple[Channel, int]) -> None:
    """Lines that come in pieces or together are told apart; the end is None."""
    channel, writer = pipe
    os.write(writer, b'{"id": 1}\n{"id"')
    assert channel.receive() == {"id": 1}
    os.write(writer, b": 2}\n")
    os.close(writer)
    assert channel.receive() == {"id": 2}
    assert channel.receive() is None


@pytest.mark.parametrize("line", [b"{\n", b"[1]\n", b"\xff\n", b"\n"])
def test_receive_what_is_no_request(pipe: tuple[Channel, int], line: bytes) -> None:
    """What is no JSON object ends the session."""
    channel, writer = pipe
    os.write(writer, line)
    os.close(writer)
    assert channel.receive() is None


TEXT = st.text(st.characters(exclude_categories=()), max_size=20)  # lone surrogates too
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=50)
@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_send(message: dict[str, Any]) -> None:
    """Whatever a stranger's names and messages hold, one line of strict JSON is sent."""
    line = written(message)
    assert line.count(b"\n") == 1
    read = msgspec.json.decode(line, type=dict[str, Any])
    try:
        msgspec.json.encode(message)
    except UnicodeEncodeError:  # a lone surrogate was written out in words
        return
    assert read == message


def test_too_long() -> None:
    """An answer that would be too long is replaced by a failure of the same request."""
    answer = msgspec.json.decode(written({"id": 3, "sql": "x" * 1_000}, limit=500))
    assert (answer["id"], answer["ok"]) == (3, False)
    assert answer["failure"]["message"] == "the answer is longer than 500 bytes"


def test_after_break() -> None:
    """A line that a killed process left half written is ended first."""
    assert written({"id": 1}, after_break=True) == b'\n{"id":1}\n'


def test_another_process_stays_silent() -> None:
    """A process that the target forks off inherits the pipe and says nothing on it."""
    with tempfile.TemporaryFile() as file:
        channel = Channel(file.fileno(), file.fileno())
        channel._owner = os.getppid()
        channel.send({"id": 1})
        assert file.tell() == 0
        channel.take_over()
        channel.send({"id": 1})
        assert file.tell() > 0
