"""What policies write may hold a stranger's words anywhere: the second fence lets nothing live."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.markup import cell, harmless, sentence
from bot.wording import block, code, inert, prose
from tests.harmless import check_markdown, check_runner, tokens_of

BITS = (
    *("<b>", "</details>", "<!--", "-->", "[a](http://x.example)", "![a](b)", "@octocat", "#12"),
    *("`", "``", "```", "```mermaid\n", "```suggestion\n", "~~~\n", "|", "\\", "*", "_", "&#64;a"),
    *("\n", "\r", "\n\n", "    ", "::error::", "##[error]", "\x1b[31m", "\u202e", "- ", "1. "),
    *("> [!NOTE]\n", "[a]: http://x", "<http://x.example>", "www.x.example", "a@b.example", "x"),
)
texts = st.one_of(st.text(), st.lists(st.sampled_from(BITS), max_size=14).map("".join))


@settings(deadline=None)
@given(texts)
@example("`a\n```mermaid\ngraph TD\n```")
@example("`a\n```suggestion\nevil()\n```")
@example("x\n> [!CAUTION]\n> y")
@example("[a\n]: http://x.example")
def test_whatever_a_policy_writes_is_harmless(text: str) -> None:
    """Raw text where Markdown was meant: no link, image, tag, mention, diagram or suggestion."""
    shown = inert(harmless(text))
    check_markdown(shown)
    check_runner(shown)
    assert not [token for token in tokens_of(shown) if token.info.strip() == "suggestion"]


@settings(deadline=None)
@given(texts)
def test_one_line_stays_one_line(text: str) -> None:
    """Titles, prices and cells of tables cannot end the line that they stand on."""
    for shown in (sentence(text), cell(sentence(text)), prose(text), code(text), cell(code(text))):
        assert "\n" not in shown
        check_markdown(f"before {shown} after")


@settings(deadline=None)
@given(texts, st.sampled_from(["", "sql", "python"]))
def test_a_block_holds_all_of_its_text(text: str, language: str) -> None:
    """Nothing in it closes it."""
    (fence,) = tokens_of(block(text, language))
    assert (fence.type, fence.info) == ("fence", language)


@pytest.mark.parametrize("kept", ["python", "sql", "diff"])
def test_known_languages_are_kept(kept: str) -> None:
    """Examples are still coloured."""
    (fence,) = tokens_of(harmless(f"```{kept}\nx\n```"))
    assert fence.info == kept
