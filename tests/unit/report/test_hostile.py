"""Names come from strangers: in no format does one of them do anything but stand there."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.facts import Facts, NotChecked, Postgres, Source
from bot.policy import Remedy
from bot.report import Display, Format, render
from bot.verdict import Verdict, Waived
from tests.harmless import check_markdown, check_runner
from tests.unit.report.cases import EVIL, FACTS, verdict

BITS = (
    "<b>", "</details>", "<!--", "[a](http://x.example)", "![a](b)", "@octocat", "#12", "GH-7",
    "http://x.example", "www.x.example", "a@b.example", "`", "``", "```", "~~~", "|", "\\", "*",
    "_", "&#64;a", "&lt;", "\n", "\r\n", "\r", "\n\n", "    ", "::error::", "##[error]", "\x1b[31m",
    "\u202e", "\u2028", "\x85", "\x0b", "- ", "1. ", "> ", "# ", "x", "\ud800", "[a]: http://x",
)  # fmt: skip
names = st.one_of(st.text(), st.lists(st.sampled_from(BITS), max_size=12).map("".join))


def _spoiled(name: str) -> Verdict:
    """The failing case with that name, raw, wherever a stranger or a careless policy can put it."""
    fail = verdict("fail")
    findings = tuple(
        replace(
            item,
            path=name or "a.py",
            title=name,
            message=name,
            revision=name,
            project=name,
            column=name,
            tables=(name,),
            remedies=(Remedy(name, name, name, name),),
            waived=waived,
            introduced=introduced,
        )
        for item in fail.findings
        for waived, introduced in ((None, True), (Waived(name, name, 1), True), (None, False))
    )
    facts: Facts = replace(
        fail.facts,
        base_name=name,
        sandbox=name,
        postgres=Postgres(name, "embedded", (name,)),
        sources=(Source(name, name, None),),
        projects=tuple(
            replace(
                project,
                config=name,
                assumed=(name,),
                environment="builtin",
                environment_note=name,
                revisions=tuple(
                    replace(revision, revision=name, message=name, path=name)
                    for revision in project.revisions
                ),
            )
            for project in fail.facts.projects
        ),
    )
    return replace(
        fail,
        facts=facts,
        summary=name,
        findings=findings,
        not_checked=(NotChecked(name, name, name),),
    )


@settings(max_examples=60, deadline=None)
@given(names)
@example(EVIL)
@example("`")
@example("a\n```\n<b>@octocat")
@example("* ```\n<b>")
@example("\\`<b>`")
@example("0HTTP://x _www.x")
def test_markdown_holds_no_live_link_mention_or_html(name: str) -> None:
    """Parsed as GitHub does, nothing is there but what the templates wrote."""
    markdown = render(Format.MARKDOWN, _spoiled(name), Display())
    check_markdown(markdown)
    check_runner(markdown)


@settings(max_examples=60, deadline=None)
@given(names, st.integers(1, 120))
@example(EVIL, 40)
@example("a ::error::b " * 20, 40)
def test_text_holds_no_escape_and_no_command(name: str, width: int) -> None:
    """A terminal shows it, a runner ignores it, however the lines are wrapped."""
    text = render(Format.TEXT, _spoiled(name), Display(width=width))
    check_runner(text)
    assert not [char for char in text if char != "\n" and unicodedata.category(char) == "Cc"]
    assert not set(text) & set("\u202a\u202b\u202d\u202e\u2066\u2067")


@settings(max_examples=60, deadline=None)
@given(names.filter(lambda name: name.isprintable() or "\ud800" not in name))
@example(EVIL)
def test_json_and_sarif_carry_every_name_unharmed(name: str) -> None:
    """What programs read is the name itself, and no command on the way there."""
    spoiled = _spoiled(name)
    report: dict[str, Any] = json.loads(render(Format.JSON, spoiled))
    assert report["findings"][0]["title"] == name
    for form in (Format.JSON, Format.SARIF):
        output = render(form, spoiled)
        json.loads(output)
        check_runner(output)


@pytest.mark.parametrize("case", FACTS)
def test_the_cases_are_harmless_too(case: str) -> None:
    """The words of policies and templates obey the same rules."""
    for form in (Format.TEXT, Format.MARKDOWN, Format.JSON, Format.SARIF):
        check_runner(render(form, verdict(case)))
    check_markdown(render(Format.MARKDOWN, verdict(case)))
