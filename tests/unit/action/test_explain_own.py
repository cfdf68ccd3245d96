"""`/db-recheck explain` of a repository's own policies: their words are a stranger's."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.action.answers import answered
from bot.commands import Command, Word
from bot.configuration import NO_TREE, Stated, Tree
from bot.custom.listed import Listed, listed
from tests.harmless import check_markdown

FOLDER = ".db-recheck/policies/"
HOSTILE = (
    "@everyone <img src=x onerror=alert(1)> ![a](http://x) [b](http://y) #1 <!-- db-recheck -->\n\n"
    "```suggestion\nx\n```\n\n> [!WARNING]\n> approved\n\n| a |\n|---|\n</details>\n```"
)


def known(files: dict[str, str]) -> Listed:
    """The policies of a tree of these files."""
    tree = Tree({path: text.encode("utf-8", "replace") for path, text in files.items()})
    return listed(Stated(None, {}, {}).load(tree, tree).settings, "main")


def explain(name: str, own: Listed) -> tuple[str, bool]:
    """The answer and whether it was understood."""
    return answered(Command(Word.EXPLAIN, (name,)), lambda: own)


def test_a_declared_one_says_what_it_wants_and_where_it_stands() -> None:
    """Each of the tables of one file on its own line."""
    rules = "".join(
        f'[[custom]]\nname = "{name}"\nrequired-columns = ["{name}"]\nmessage = "*Why*"\n\n'
        for name in ("first", "second")
    )
    text, understood = explain("`custom-second`", known({".db-recheck.toml": rules}))
    assert understood
    assert "(warn), defined in `.db-recheck.toml:6` on `main`." in text
    assert "- Every new table needs `second`." in text
    assert "> \\*Why\\*" in text
    check_markdown(text)


def test_one_in_python_is_quoted() -> None:
    """Its docstring, as far as it goes."""
    text, understood = explain(
        "custom-no-x", known({FOLDER + "no_x.py": '"""Saw `x`.\n\nBad.\n\nUse **y**.\n"""\n'})
    )
    assert understood
    assert "> Saw `x`.\n> \n> Bad.\n> \n> Use **y**." in text
    assert "It cannot be run: the file has no line `SEVERITY" in text
    assert "# db-recheck: allow custom-no-x: the reason" in text


@pytest.mark.parametrize("place", ["python", "declared"])
def test_hostile_words_are_words(place: str) -> None:
    """Wherever they stand."""
    quoted = json.dumps(HOSTILE, ensure_ascii=False)
    files = {
        "python": {FOLDER + "x.py": f"{quoted}\nSEVERITY = 1\n"},
        "declared": {
            ".db-recheck.toml": "[[custom]]\nname = 'x'\ntable-names = '<b>@ada`'\n"
            f"tables = [{quoted}]\nmessage = {quoted}\n"
        },
    }
    text, understood = explain("custom-x", known(files[place]))
    assert understood
    check_markdown(text)


@given(st.text(st.sampled_from("`~@a#1<>![]()\\\n|*_-:/ \"'.x\u202e\x1b"), max_size=60))
def test_no_docstring_is_alive(words: str) -> None:
    """Whatever is in it."""
    text, _ = explain("custom-x", known({FOLDER + "x.py": repr(words)}))
    check_markdown(text)


def test_the_catalogue_is_asked_first() -> None:
    """Nothing of the repository is read for our own policies."""

    def refuse() -> Listed:
        raise AssertionError

    text, understood = answered(Command(Word.EXPLAIN, ("failing-downgrade",)), refuse)
    assert understood
    assert text.startswith("### failing-downgrade")


def test_one_that_is_near_is_named() -> None:
    """Ours and theirs."""
    own = known({FOLDER + "no_x.py": "1"})
    assert "did you mean `custom-no-x`?" in explain("custom-nox", own)[0]
    assert explain("custom-nox", own)[1] is False


def test_what_could_not_be_read_is_told() -> None:
    """As words."""
    text, understood = explain("custom-x", Listed(unknown="no commit <b>@ada"))
    assert not understood
    assert "own policies were not read: no commit" in text
    check_markdown(text)


def test_no_tree_has_none() -> None:
    """And the answer is as it was."""
    own = listed(Stated(None, {}, {}).load(NO_TREE, NO_TREE).settings, "main")
    assert own == Listed(base="main")
