"""What a stranger's code prints is text and nothing else when it is shown."""

from __future__ import annotations

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.observe.output import Drain, harmless


@given(st.text())
def test_no_command_escape_or_control_survives(text: str) -> None:
    """Neither a runner nor a terminal finds anything to obey."""
    shown = harmless(text)
    assert "::" not in shown
    assert "##[" not in shown
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("::error::x", ":\u200b:error:\u200b:x"),
        (":\x1b[0m:error", ":\u200b:error"),
        ("a ##[group]b", "a #\u200b#[group]b"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x07", "link"),
        ("one\rtwo\r\nthree", "one\ntwo\nthree"),
        ("\u202eexe.txt", "\ufffdexe.txt"),
        (":::", ":\u200b:\u200b:"),
        ("plain: text", "plain: text"),
    ],
)
def test_known_tricks(printed: str, shown: str) -> None:
    """Each was a way to reach the runner or the reader's eye."""
    assert harmless(printed) == shown


def test_the_tail_says_what_is_missing() -> None:
    """Only the end is kept, and the reader is told."""
    listen, speak = os.pipe()
    drain = Drain(listen, keep=10)
    os.write(speak, b"0123456789" * 3 + b"\xff")
    os.close(speak)
    drain.wait(5)
    assert drain.total == 31
    assert drain.text() == "[21 bytes before this are not shown]\n123456789\ufffd"
