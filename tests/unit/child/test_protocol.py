"""Whatever bytes come, they are a frame or a ``BadFrame``, and what is kept is bounded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facts import FailureKind
from bot.observe import protocol
from bot.observe.answers import STATEMENTS, Trace, opened
from bot.observe.protocol import (
    BadFrame,
    DoneEvent,
    Head,
    OpenAnswer,
    Ready,
    RunAnswer,
    StatementEvent,
    WireFailure,
    confined,
    decode,
)

SHAPES = (Head, Ready, OpenAnswer, RunAnswer, StatementEvent, DoneEvent)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
keys = st.sampled_from(
    [
        *("id", "event", "ok", "failure", "chain", "seq", "sql", "path", "line", "direction"),
        *("duration_ms", "rows", "notices", "sqlstate", "expected_heads", "transaction", "pid"),
    ]
)


def settle(line: bytes) -> None:
    """Parse the line as every frame and turn what parses into facts."""
    for shape in SHAPES:
        try:
            frame = decode(line, shape)
            if isinstance(frame, OpenAnswer):
                opened(frame)
            elif isinstance(frame, RunAnswer):
                Trace().ran(frame)
            elif isinstance(frame, StatementEvent):
                Trace().sent(frame)
        except BadFrame:
            continue


@given(st.binary())
def test_any_bytes_are_a_frame_or_a_bad_frame(line: bytes) -> None:
    """Nothing else is raised."""
    settle(line)


@given(st.dictionaries(keys, anything))
def test_any_json_object_is_a_frame_or_a_bad_frame(frame: dict[str, Any]) -> None:
    """Not even NaN, numbers of any size, or lone surrogates raise anything else."""
    settle(json.dumps(frame).encode("utf-8", "surrogatepass"))


@given(st.text(st.characters(exclude_categories=())))
def test_a_lone_surrogate_becomes_the_replacement_character(text: str) -> None:
    """Python writes one for every byte that was not UTF-8; a message with it is still a message."""
    line = json.dumps({"id": 1, "event": text}).encode()
    head = decode(line, Head)
    assert head.event == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[" * 100_000,
        b'{"id": NaN}',
        b'{"id": 1e400}',
        b'{"id": ' + b"9" * 5000 + b"}",
        b"\xff",
    ],
)
def test_what_is_no_frame_says_why(line: bytes) -> None:
    """Deep nesting and numbers beyond all bounds included."""
    with pytest.raises(BadFrame, match=r"."):
        decode(line, Head)


@given(st.text())
def test_a_path_stays_in_the_tree(path: str) -> None:
    """It is relative, has no step upwards and no control character, or it is none."""
    kept = confined(path)
    assert not kept.startswith("/")
    assert ".." not in kept.split("/")
    assert kept.isprintable() or not any(ord(char) < 32 for char in kept)


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("versions/a.py", "versions/a.py"),
        ("./versions//a.py", "versions/a.py"),
        ("a/../b.py", ""),
        ("/etc/passwd", ""),
        ("../x", ""),
        ("a\nb", ""),
        ("a" * 5000, ""),
    ],
)
def test_paths_are_normalised_or_dropped(path: str, kept: str) -> None:
    """The empty path means that none is known."""
    assert confined(path) == kept


def test_texts_and_lists_are_cut() -> None:
    """A chain cannot grow our memory or the report beyond bounds."""
    answer = decode(
        json.dumps(
            {
                "ok": True,
                "assumed": ["x" * 10_000] * 5_000,
                "chain": {
                    "revisions": [
                        {"revision": "r" * 9_999, "path": "../../x", "doc": "d" * 99_999}
                    ],
                    "unloadable": [{"path": "a.py", "line": -5, "error": "e" * 99_999}],
                },
            }
        ).encode(),
        OpenAnswer,
    )
    found = opened(answer)
    [revision] = found.chain.revisions
    assert len(revision.revision) == protocol.NAME
    assert len(revision.doc) == protocol.DOC
    assert revision.path == ""
    assert found.chain.unloadable[0].line == 1
    assert len(found.chain.unloadable[0].error) == protocol.MESSAGE
    assert len(found.assumed) == protocol.LISTED


def test_too_many_revisions_are_refused() -> None:
    """Nobody has that many; cutting them would report a graph that is not there."""
    one = {"revision": "r", "path": "p"}
    line = json.dumps({"ok": True, "chain": {"revisions": [one] * 20_001}}).encode()
    with pytest.raises(BadFrame, match="20001 revisions"):
        opened(decode(line, OpenAnswer))


def test_statements_beyond_the_limit_are_counted_only() -> None:
    """A revision that inserts row by row does not fill the report."""
    trace = Trace()
    for seq in range(STATEMENTS + 10):
        trace.sent(StatementEvent(seq, "INSERT", "a.py", 1, "upgrade"))
        trace.done(DoneEvent(seq, 0.1, rows=-1))
    ran = trace.ran(RunAnswer(ok=True, statements=STATEMENTS + 10))
    assert len(ran.statements) == STATEMENTS
    assert ran.executed == STATEMENTS + 10
    assert ran.statements[0].rows is None


def test_running_out_of_memory_in_python_is_memory() -> None:
    """The address space limit shows as MemoryError before the guard sees anything."""
    failure = WireFailure("python", "", "MemoryError", path="a.py", line=3).checked()
    assert failure.kind is FailureKind.MEMORY
    assert failure.line == 3


def test_a_failure_outside_the_tree_has_no_place() -> None:
    """A line without a file would point at nothing."""
    failure = WireFailure("python", "boom", path="/usr/lib/x.py", line=3).checked()
    assert (failure.path, failure.line) == (None, None)
