"""A suggestion, applied, gives what the patch would have given, or it is not offered."""

from __future__ import annotations

from difflib import unified_diff

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.facts import Facts, Hunk, Source
from bot.github.suggestions import suggestion
from bot.policy import Confidence, Remedy, Severity
from bot.verdict import Judged

PATH = "versions/a.py"
WHOLE = (Hunk(1, 10_000),)
TEXTS = st.lists(
    st.sampled_from(["a", "b", "    c", "", "+d", "- e", "@@"]), min_size=1, max_size=12
)


def facts(head: str, *, cut: bool = False) -> Facts:
    """Facts that hold this text of the file."""
    return Facts("b" * 40, "h" * 40, sources=(Source(PATH, head, None, cut),))


def patched(before: list[str], after: list[str]) -> str:
    """The patch between two texts, each line with its end."""
    old, new = ([f"{line}\n" for line in text] for text in (before, after))
    return "".join(unified_diff(old, new, f"a/{PATH}", f"b/{PATH}"))


def item(patch: str, line: int) -> Judged:
    """A finding with that patch."""
    return Judged(
        policy="some-policy",
        group="chain",
        severity=Severity.BLOCK,
        confidence=Confidence.OBSERVED,
        title="Something",
        message="",
        path=PATH,
        line=line,
        end_line=line,
        project=None,
        revision=None,
        tables=(),
        count=1,
        column=None,
        introduced=True,
        waived=None,
        remedies=(Remedy("x", patch=patch),),
        fingerprint="0" * 16,
    )


@given(TEXTS, TEXTS, st.integers(1, 12))
def test_applied_it_gives_the_patched_file(before: list[str], after: list[str], line: int) -> None:
    """Line for line, and it covers the finding's own line."""
    assume(before != after and line <= len(before))
    head = "\n".join(before) + "\n"
    patch = patched(before, after)
    assume(patch.count("\n@@ -") == 1)  # texts that differ far apart make more hunks than one
    found = suggestion(facts(head), item(patch, line), WHOLE)
    assert found is not None
    assert found.start <= line <= found.end
    lines = head.split("\n")
    lines[found.start - 1 : found.end] = found.lines
    assert "\n".join(lines) == "\n".join(after) + "\n"


@given(TEXTS, TEXTS, TEXTS, st.integers(1, 12))
def test_a_patch_of_another_text_is_not_offered(
    before: list[str], after: list[str], head: list[str], line: int
) -> None:
    """Unless every line that it names stands there word for word."""
    patch = patched(before, after)
    if suggestion(facts("\n".join(head)), item(patch, line), WHOLE) is not None:
        start = int(patch.split("@@ -")[1].split(" ")[0].split(",")[0])
        old = [text[1:] for text in patch.split("\n")[3:] if text[:1] in {" ", "-"}]
        assert head[start - 1 : start - 1 + len(old)] == old


@given(st.text())
def test_any_text_can_pose_as_a_patch(noise: str) -> None:
    """What is no patch is not offered."""
    assert suggestion(facts("a\nb"), item(noise, 1), WHOLE) is None


BEFORE = [f"line {number}" for number in range(1, 41)]
AFTER = [*BEFORE[:9], "line ten", *BEFORE[10:]]


@pytest.mark.parametrize(
    ("patch", "head", "line", "shown"),
    [
        (patched(BEFORE, AFTER), BEFORE, 10, (Hunk(11, 40),)),  # the diff does not show it
        (patched(BEFORE, AFTER), BEFORE, 10, ()),
        (patched(BEFORE, AFTER), BEFORE, 40, WHOLE),  # too long a way to the finding's line
        (patched(BEFORE, AFTER), [f"{text}\r" for text in BEFORE], 10, WHOLE),
        (
            patched(BEFORE, ["one", *AFTER[1:30], "x", *AFTER[31:]]),
            BEFORE,
            10,
            WHOLE,
        ),  # two regions
        (patched(BEFORE, AFTER).replace(PATH, "other.py"), BEFORE, 10, WHOLE),
        (patched(BEFORE, [*BEFORE[:9], "::error::", *BEFORE[10:]]), BEFORE, 10, WHOLE),
        (patched(BEFORE, [*BEFORE[:9], "\u202e", *BEFORE[10:]]), BEFORE, 10, WHOLE),
        ("", BEFORE, 10, WHOLE),
    ],
)
def test_what_cannot_be_applied_as_it_stands_is_not_offered(
    patch: str, head: list[str], line: int, shown: tuple[Hunk, ...]
) -> None:
    """Out of the diff, too long, in two places, of another file, or not what it looks like."""
    good = patched(BEFORE, AFTER)
    assert suggestion(facts("\n".join(BEFORE)), item(good, 10), WHOLE)
    assert suggestion(facts("\n".join(head)), item(patch, line), shown) is None


def test_a_text_that_was_cut_is_no_ground_for_a_suggestion() -> None:
    """What stands behind the cut is not known."""
    good = item(patched(BEFORE, AFTER), 10)
    assert suggestion(facts("\n".join(BEFORE), cut=True), good, WHOLE) is None
