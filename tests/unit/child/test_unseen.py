"""What the reader learns of a base that does not go up."""

from __future__ import annotations

from bot.facts import Failure, FailureKind
from bot.observe.unseen import MEND_BASE, mend_base, reason, without_models


def test_the_revision_at_fault_is_named() -> None:
    """With its line, where one is known."""
    failure = Failure(FailureKind.DATABASE, "no such type", path="versions/a1.py", line=7)
    assert reason(failure) == "no such type (versions/a1.py:7)"
    assert reason(Failure(FailureKind.PYTHON, "no head")) == "no head"
    assert mend_base(failure) == MEND_BASE


def test_a_server_that_lacks_something_may_be_another_one() -> None:
    """A collation of ICU where PostgreSQL was built without it is no fault of the chain."""
    failure = Failure(FailureKind.DATABASE, "ICU is not supported in this build", sqlstate="0A000")
    assert "--database-url" in mend_base(failure)


def test_an_env_py_that_did_not_run_is_why_the_models_are_not_known() -> None:
    """A chain without its first revision goes up where they are."""
    assert without_models("env.py ended the program").endswith(": env.py ended the program")
    assert not without_models(None)
