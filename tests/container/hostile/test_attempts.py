"""Pull requests of ``fixtures/hostile`` fail at what they try, and are reviewed all the same."""

from __future__ import annotations

from fixtures.attempts import Attempt
from tests.container.hostile.seen import MARK, Seen
from tests.container.hostile.yard import Yard, bound
from tests.harmless import check_log, check_markdown

STATUS = {"pass": 0, "skip": 0, "fail": 1, "usage": 2, "error": 3}


def test_attempt_fails_and_the_review_is_right(yard: Yard, attempt: Attempt) -> None:
    """Nothing of the runner was read, written, reached or left; the verdict is the one deserved."""
    seen = yard.review(attempt)
    check_failed(seen, attempt)
    check_review(seen, attempt)
    assert seen.seconds < bound(attempt)


def check_failed(seen: Seen, attempt: Attempt) -> None:
    """The attempt came to nothing."""
    secrets = [line for line in seen.texts.splitlines() if MARK in line]
    assert not secrets, secrets[0][:500]
    assert "reached: " not in told_of_failures(seen), told_of_failures(seen)
    if "install" in attempt.needs:  # an installation has the network, and no secret to send there
        assert not any(MARK in line for line in seen.came), seen.came
    else:
        assert seen.came == ()
    assert seen.left == ()
    assert seen.commands == {}
    check_log(seen.printed)
    for markdown in seen.markdown:
        check_markdown(markdown, links=("http://172.", "https://github.example/"))


def told_of_failures(seen: Seen) -> str:
    """What an attempt says that succeeded, without the definitions that hold the same words."""
    said = [
        item["message"].partition("The statement")[0]
        for item in seen.report["findings"]
        if item["policy"].startswith(("failing", "silent", "superuser"))
    ]
    notes = [item.get("environment_note") or "" for item in seen.report.get("projects", ())]
    return "\n".join([*said, *notes])


def check_review(seen: Seen, attempt: Attempt) -> None:
    """Exit status, verdict and findings are those that the change deserves."""
    assert seen.status == STATUS[attempt.verdict], seen.printed
    assert seen.report["verdict"] == attempt.verdict, seen.printed
    assert "Traceback" not in seen.printed
    assert "internal error" not in seen.printed
    assert set(attempt.findings) <= set(seen.findings), seen.findings
    for part in attempt.unseen:
        if part.startswith("waived "):
            waived = [item["policy"] for item in seen.report["findings"] if item["waived"]]
            assert part.removeprefix("waived ") in waived
        else:
            assert part in seen.unseen, seen.unseen
    if attempt.verdict == "pass":
        heavy = [item for item in seen.findings if item.startswith("block ")]
        assert not heavy, heavy
