"""Facts can be forged: whatever a file says, reading it, judging and telling it does no harm.

The half of the Action that may write reads facts that a fork's run uploaded (docs/github.md), so
here every value of real facts is replaced by others, and the result is posted as it would be.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.facts.serial import BadFacts, from_json, to_json
from bot.github import words
from bot.judge import judge
from bot.report import Display, Format, render
from bot.verdict import Judging, Verdict
from tests.harmless import check_markdown, check_runner
from tests.unit.policies.test_hostile_names import everything
from tests.unit.policies.test_sizes import facts, measured
from tests.unit.report.cases import EVIL, FACTS

SIZED = facts(10_000_000, (measured(),))
SAMPLES = (*FACTS.values(), SIZED)
BITS = (
    *("<b>", "</details>", "<!--", "-->", "[a](http://x.example)", "![a](b)", "@octocat", "#12"),
    *("`", "```", "```mermaid\n", "~~~", "|", "\\", "*", "_", "&#64;a", "\n", "\r", "    ", "$$"),
    *("::error::", "##[error]", "\x1b[31m", "\u202e", "\u2028", "- ", "> [!NOTE]\n", "x", "\ud800"),
)
texts = st.one_of(st.text(), st.lists(st.sampled_from(BITS), max_size=8).map("".join))


def told_text(text: str) -> str:
    """What the protocol and git's side make of a text: a lone surrogate is no character."""
    return text.encode("utf-8", "replace").decode()


values = st.one_of(
    texts,
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.just([]),
    st.just({}),
)


def places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all leaves."""
    if isinstance(document, dict):
        return [leaf for name, value in document.items() for leaf in places(value, (*path, name))]
    if isinstance(document, list):
        return [leaf for at, value in enumerate(document) for leaf in places(value, (*path, at))]
    return [path]


def put(document: Any, path: tuple[Any, ...], value: Any) -> None:
    """Replace what is at that path."""
    for part in path[:-1]:
        document = document[part]
    document[path[-1]] = value


@st.composite
def forged(draw: st.DrawFn) -> bytes:
    """Real facts with some of their values replaced."""
    document = json.loads(to_json(draw(st.sampled_from(SAMPLES))))
    leaves = places(document)
    for path in draw(st.lists(st.sampled_from(leaves), min_size=1, max_size=12)):
        old = document
        for part in path:
            old = old[part]
        put(document, path, draw(texts if isinstance(old, str) else values))
    return json.dumps(document).encode("utf-8", "surrogatepass")


def tell(verdict: Verdict) -> None:
    """Everything that is posted, printed and written of a verdict; nothing of it is alive."""
    markdown = render(Format.MARKDOWN, verdict, Display())
    check_markdown(markdown)
    check_runner(markdown)
    for form in (Format.TEXT, Format.JSON, Format.SARIF):
        check_runner(render(form, verdict))
    render(Format.GITHUB, verdict)
    for item in verdict.findings:
        check_posted(words.line_comment(item))
        check_posted(words.file_comment(item))
        words.annotation(item)
    check_posted(words.review_body(0, verdict.findings, None))


def check_posted(body: str) -> None:
    """What stands on the pull request is text: nothing in it does anything."""
    check_markdown(body)
    check_runner(body)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(forged())
def test_forged_facts_are_refused_or_told_harmlessly(data: bytes) -> None:
    """Neither a policy nor a template stumbles, and nothing in the words is alive."""
    try:
        facts = from_json(data)
    except BadFacts:
        return
    tell(judge(facts, Judging()))


@settings(max_examples=8, deadline=None)
@given(texts.map(told_text).filter(bool))
@example(EVIL)
@example("[x](http://x.example)")
@example("> [!CAUTION]\n> x")
@example("```mermaid\ngraph TD\n```")
def test_no_name_comes_alive_in_any_finding(name: str) -> None:
    """All policies speak at once, and every name in their facts is the same stranger's text."""
    tell(judge(everything(name), Judging()))


@given(st.binary())
@example(b"[" * 200_000)
@example(b'{"facts_version": ' + b"9" * 5000 + b"}")
@example(b'{"facts_version": 1e999}')
@example(b"\xff\xfe{}")
def test_any_bytes_are_facts_or_refused(data: bytes) -> None:
    """A file that somebody uploaded is never more than a refusal with its reason."""
    with pytest.raises(BadFacts, match=r"."):
        from_json(data)
