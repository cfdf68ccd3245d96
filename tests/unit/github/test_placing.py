"""Where findings go in a diff, held against a diff that git itself might make."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from bot.facts import Hunk
from bot.github.placing import Level, Spot, hunks, spot

LINES = st.integers(1, 60)
PATHS = st.sampled_from(["a.py", "b.py", "c.py"])
# Text that looks like the parts of a patch stands behind a space, + or - in one.
CONTENT = st.sampled_from(["x", "", "@@ -1 +1 @@", "+++ b/a.py", "-", "\\ No newline"])


@st.composite
def diffs(draw: st.DrawFn) -> Mapping[str, tuple[Hunk, ...]]:
    """Hunks of some files: ordered, and never touching each other."""
    found: dict[str, tuple[Hunk, ...]] = {}
    for path in draw(st.sets(PATHS)):
        ends = sorted(draw(st.sets(st.integers(1, 60), max_size=8)))
        pairs = zip(ends[::2], ends[1::2], strict=False)
        found[path] = tuple(Hunk(start, end) for start, end in pairs)
    return found


@given(diffs(), PATHS, LINES, LINES)
def test_a_comment_lies_on_lines_that_one_hunk_shows(
    diff: Mapping[str, tuple[Hunk, ...]], path: str, line: int, end_line: int
) -> None:
    """GitHub would refuse the whole review otherwise."""
    where = spot(path, line, end_line, diff)
    shown = [{*range(hunk.start, hunk.end + 1)} for hunk in diff.get(path, ())]
    if path not in diff:
        assert where == Spot(Level.BODY)
    elif not any(line in hunk for hunk in shown):
        assert where == Spot(Level.FILE)
    else:
        assert where.level is Level.LINE
        assert where.start == line
        assert line <= where.line <= max(line, end_line)
        (hunk,) = (hunk for hunk in shown if line in hunk)
        assert where.line in hunk
        # and it holds as much of the finding as that hunk does
        assert where.line == max(line, min(end_line, max(hunk)))


@st.composite
def patches(draw: st.DrawFn) -> tuple[str, tuple[Hunk, ...]]:
    """A patch as GitHub tells it, and the head's lines that it shows."""
    lines: list[str] = []
    shown: list[Hunk] = []
    old = new = 1
    for _ in range(draw(st.integers(0, 4))):
        gap = draw(st.integers(1, 9))
        old, new = old + gap, new + gap
        body = draw(st.lists(st.tuples(st.sampled_from(" +-"), CONTENT), min_size=1, max_size=9))
        before = sum(sign != "+" for sign, _ in body)
        after = sum(sign != "-" for sign, _ in body)
        left = f"{old}" if before == 1 else f"{old},{before}"
        right = f"{new}" if after == 1 else f"{new},{after}"
        lines.append(f"@@ -{left} +{right} @@ def downgrade():")
        lines += [sign + text for sign, text in body]
        if after:
            shown.append(Hunk(new, new + after - 1))
        old, new = old + before, new + after
    return "\n".join(lines), tuple(shown)


@given(patches())
def test_hunks_are_read_from_a_patch(made: tuple[str, tuple[Hunk, ...]]) -> None:
    """Whatever the lines of the file say, only headers are headers."""
    patch, shown = made
    assert hunks(patch) == shown


@given(st.text())
def test_any_text_is_a_patch_of_some_hunks(text: str) -> None:
    """A patch that is none has no line to comment on, and stops nothing."""
    assert all(hunk.end - hunk.start + 1 >= 1 for hunk in hunks(text))
