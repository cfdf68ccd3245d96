"""What in a comment is a command, and what only talks about one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.action.answers import answered, help_text
from bot.commands import USAGE, Command, Misspelt, Word, parse
from bot.policy import policies


@pytest.mark.parametrize(
    ("body", "command"),
    [
        ("/db-recheck", Command(Word.RECHECK)),
        ("/db-recheck  \t", Command(Word.RECHECK)),
        ("/DB-Recheck HELP", Command(Word.HELP)),
        ("please\r\n/db-recheck\r\nthanks", Command(Word.RECHECK)),
        ("/db-recheck explain failing-downgrade", Command(Word.EXPLAIN, ("failing-downgrade",))),
        ("/db-recheck describe public.users", Command(Word.DESCRIBE, ("public.users",))),
        ("/db-recheck suggest-index t a b", Command(Word.SUGGEST_INDEX, ("t", "a", "b"))),
        ("/db-recheck status\n/db-recheck help", Command(Word.STATUS)),
        ("```\nx\n```\n/db-recheck", Command(Word.RECHECK)),
        ("/db-recheck <!-- again -->", Command(Word.RECHECK)),
    ],
)
def test_a_command_stands_at_the_start_of_a_line(body: str, command: Command) -> None:
    """The first one counts."""
    assert parse(body) == command


@pytest.mark.parametrize(
    "body",
    [
        "",
        "see /db-recheck",
        " /db-recheck",
        "> /db-recheck",
        "/db-rechecks",
        "/db-recheck-now",
        "/db-recheckhelp",
        "`/db-recheck`",
        "```\n/db-recheck\n```",
        "```text\n/db-recheck",
        "~~~~\n~~~\n/db-recheck\n~~~~",
        "````\n```\n/db-recheck\n````",
        "<!--\n/db-recheck\n-->",
        "<!--\n/db-recheck",
        "<!-- x -->/db-recheck",
        "a\u2028/db-recheck",
    ],
)
def test_what_is_about_a_command_is_none(body: str) -> None:
    """Quoted, indented, in code, hidden, or a longer word."""
    assert parse(body) is None


@pytest.mark.parametrize(
    ("body", "close"),
    [
        ("/db-recheck hlep", Word.HELP),
        ("/db-recheck explian x", Word.EXPLAIN),
        ("/db-recheck explain", Word.EXPLAIN),
        ("/db-recheck explain a b", Word.EXPLAIN),
        ("/db-recheck suggest_index t c", Word.SUGGEST_INDEX),
        ("/db-recheck suggest-index t", Word.SUGGEST_INDEX),
        ("/db-recheck status now", Word.STATUS),
        ("/db-recheck please", None),
    ],
)
def test_a_typo_gets_the_command_that_is_near(body: str, close: Word | None) -> None:
    """And the answer shows how it is written."""
    line = parse(body)
    assert line == Misspelt(body, close)
    text, understood = answered(line)
    assert not understood
    assert (USAGE[close] if close else "/db-recheck help") in text


def test_help_lists_every_command() -> None:
    """As contract.md writes them."""
    text, understood = answered(Command(Word.HELP))
    assert understood
    assert text == help_text()
    assert all(f"| `{usage}` |" in text for usage in USAGE.values())


@pytest.mark.parametrize("policy", policies(), ids=lambda policy: policy.id)
def test_explain_shows_the_whole_policy(policy: object) -> None:
    """What was seen, why it hurts, what to do, how to allow it."""
    name = str(getattr(policy, "id", ""))
    text, understood = answered(Command(Word.EXPLAIN, (name.upper(),)))
    assert understood
    assert text.startswith(f"### {name}\n")
    assert f"# db-recheck: allow {name}: " in text


def test_explain_knows_a_name_that_is_nearly_right() -> None:
    """A did-you-mean, and the stranger's word as text."""
    text, understood = answered(Command(Word.EXPLAIN, ("failing-downgrad`@everyone",)))
    assert not understood
    assert "did you mean `failing-downgrade`?" in text
    assert "@everyone" not in text.replace("``failing-downgrad`@everyone``", "")


@given(st.text())
def test_no_comment_breaks_the_parser(body: str) -> None:
    """Any text is a command, a typo or nothing, and every typo has an answer."""
    found = parse(body)
    if isinstance(found, Misspelt):
        assert answered(found)[0]


@given(
    st.lists(
        st.sampled_from(["/db-recheck", " ", "\n", "```", "~~~", "<!--", "-->", ">", "help", "x"])
    )
)
def test_a_command_is_found_only_at_the_start_of_a_line(parts: list[str]) -> None:
    """Whatever surrounds it: some line of the comment starts with the word itself."""
    body = "".join(parts)
    if parse(body) is not None:
        assert any(line.startswith("/db-recheck") for line in body.split("\n"))
