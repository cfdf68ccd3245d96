"""Keys of a TOML file are found on their lines."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings.positions import Positions

TEXT = '''# [fake]
a = 1
"b c" = """
[fake]
a = 2
""" # ]
list = [
  "x = 1", # [
  {k = [1]},
]
s = '[fake]'
d.e = {f = 1, g = "}"}

[ t . "u.v" ]
w = 1
[[many]]
x = \'\'\'
[fake]\'\'\'
[t.next]
y = true
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("a",), 2),
        (("b c",), 3),
        (("list",), 7),
        (("s",), 11),
        (("d", "e"), 12),
        (("d", "e", "f"), 12),
        (("t", "u.v"), 14),
        (("t", "u.v", "w"), 15),
        (("many",), 16),
        (("many", "x"), 17),
        (("t", "next", "y"), 20),
        (("t",), 14),
        (("d",), 12),
        (("fake",), 1),
        (("unknown", "z"), 1),
    ],
)
def test_lines_are_those_of_the_keys(path: tuple[str, ...], line: int) -> None:
    """Strings, comments, arrays and inline tables do not lead astray; unknown is line 1."""
    tomllib.loads(TEXT)
    assert Positions(TEXT).line(path) == line


@given(st.text(st.sampled_from("a=[]{}\"'#\n. \\1")) | st.text())
def test_any_text_is_survived(text: str) -> None:
    """Also what is no TOML."""
    assert Positions(text).line(("a", "a")) <= text.count("\n") + 1
