"""What cannot be had does not cost the rest: an index of our own says so in uv's words."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.observe.commands import Ended
from bot.observe.partial_install import Had, How, install_what_can_be_had
from bot.observe.requirement_lines import culprit, loosened, name, refused

ABSENT = "Because {0} was not found in the package registry and you require {0}==1, we can"
NO_WHEEL = "Because {0}==1 has no usable wheels and you require {0}==1, we can conclude"
NO_COMPILER = "error: Failed to build `{0}==1`\n  cause: The build backend returned an error"


class Index:
    """Installs every line but those of ``absent``, ``sources`` (no wheel) and ``broken`` builds."""

    def __init__(
        self,
        absent: Sequence[str] = (),
        sources: Sequence[str] = (),
        broken: Sequence[str] = (),
        silent: Sequence[str] = (),
    ) -> None:
        self.absent, self.sources, self.broken, self.silent = absent, sources, broken, silent
        self.installed: list[str] = []
        self.calls = 0

    def __call__(self, lines: Sequence[str], how: How, *, until: float) -> Ended:
        """As uv: nothing is installed unless everything can be."""
        assert until > time.monotonic()
        self.calls += 1
        for line in lines:
            said = self._says(line, how)
            if said is not None:
                return Ended(2, said.format(name(line)), 0.0)
        self.installed += lines
        return Ended(0, "", 0.0)

    def _says(self, line: str, how: How) -> str | None:
        pinned = "==" in line
        if name(line) in self.silent:
            return "error: something else"
        if name(line) in self.absent:
            return ABSENT
        if pinned and name(line) in [*self.sources, *self.broken] and how is How.WHEELS:
            return NO_WHEEL
        if pinned and name(line) in self.broken:
            return NO_COMPILER
        return None


def had(index: Index, *names: str) -> Had:
    """What came of pins of these names, of which ``alembic`` is essential."""
    lines = [f"{item}==1" for item in names]
    return install_what_can_be_had(
        lines, index, time.monotonic() + 60, essential=lambda item: item == "alembic"
    )


def test_one_that_no_index_has_is_left_out() -> None:
    """And nothing of that name in another version is taken: it may be somebody else's."""
    index = Index(absent=["private"])
    assert had(index, "alembic", "private", "arrow") == Had(left_out=("private",))
    assert set(index.installed) == {"alembic==1", "arrow==1"}


def test_a_few_that_fail_cost_a_few_calls() -> None:
    """What has no wheel is built with the rest."""
    index = Index(sources=["old"], absent=["private"])
    assert had(index, "old", "alembic", "private") == Had(left_out=("private",))
    assert index.calls == 3


def test_where_many_cannot_be_built_the_others_are_built_alone() -> None:
    """After everything that has a wheel is there."""
    broken = [f"broken{number}" for number in range(6)]
    index = Index(sources=["old"], broken=broken)
    assert set(had(index, *broken, "old", "alembic", "arrow").another) == set(broken)
    at = index.installed.index
    assert at("arrow==1") < at("old==1") < at("broken0")


def test_one_that_cannot_be_built_is_tried_in_another_version() -> None:
    """Its module can be imported then, and the note says so."""
    index = Index(broken=["pandas"])
    result = had(index, "alembic", "pandas")
    assert result.note == "in another version than declared: pandas"
    assert index.installed[-1] == "pandas"


def test_what_uv_does_not_name_is_found_by_halves() -> None:
    """In few calls."""
    names = [f"p{number}" for number in range(64)]
    index = Index(silent=["p17"])
    assert had(index, *names) == Had(left_out=("p17",))
    assert len(index.installed) == 63
    assert index.calls < 30


def test_nothing_is_tried_once_the_time_is_over() -> None:
    """Everything that was not installed is told."""
    index = Index()
    result = install_what_can_be_had(["a==1"], index, time.monotonic() - 1, essential=bool)
    assert (result.left_out, index.calls) == (("a",), 0)


@given(
    st.lists(st.sampled_from("abcdefgh"), unique=True),
    st.sets(st.sampled_from("abcdefgh")),
    st.sets(st.sampled_from("abcdefgh")),
)
def test_all_that_can_be_had_is_had(names: list[str], absent: set[str], silent: set[str]) -> None:
    """Whatever fails beside it."""
    index = Index(absent=sorted(absent - silent), silent=sorted(silent))
    result = had(index, *names)
    assert set(index.installed) == {f"{item}==1" for item in names if item not in absent | silent}
    assert set(result.left_out) == set(names) & (absent | silent)


@pytest.mark.parametrize(
    ("output", "blamed"),
    [
        ("error: Failed to build `python-ldap==3.4.4`\n gcc: lber.h `lber.h`", "python-ldap"),
        ("Failed to download and build `foo @ git+https://git.example/x/foo@abc`", "foo"),
        (
            (
                "Because the current Python version (3.9.18) does not satisfy Python>=3.11 and"
                " ipython==9.9.0 depends on Python>=3.11, we can conclude"
            ),
            "ipython",
        ),
        ("Because there is no version of torch==99 and you require torch==99", "torch"),
        ("Because numpy==2.9 has no wheels with a matching Python implementation", "numpy"),
        ("cause: Failed to fetch: https://git.example/bar-1.0-py3-none-any.whl", "bar"),
        ("cause: Failed to fetch: https://index.example/simple/baz/", "baz"),
        ("error: Failed to build `a-dependency==1` which nobody declared", None),
    ],
)
def test_who_is_to_blame(output: str, blamed: str | None) -> None:
    """One of the lines, in each of uv's ways to say it."""
    lines = ["python-ldap==3.4.4", "foo @ git+https://git.example/x/foo@abc", "ipython==9.9.0"]
    lines += ["torch==99", "numpy==2.9", "bar @ https://git.example/bar-1.0-py3-none-any.whl"]
    assert culprit(output, [*lines, "baz==1"]) == blamed


def test_only_a_pin_is_loosened() -> None:
    """A range was not the matter, and a URL is no version."""
    assert loosened("a[b] == 1.2 ; python_version > '3'") == "a[b] ; python_version > '3'"
    assert [loosened(line) for line in ("a>=1", "a", "a @ https://x", "a==1.*")] == [None] * 4
    assert refused(NO_WHEEL)
    assert not refused(ABSENT)


@pytest.mark.parametrize(
    ("line", "called"),
    [
        ("git+https://example.invalid/a/My_Package.git", "my-package"),
        ("git+ssh://git@example.invalid/a/x.git@v1.2#egg=Other.Name&subdirectory=y", "other-name"),
        ("thing @ git+https://example.invalid/a/x.git", "thing"),
        ("--no-binary :all:", ""),
    ],
)
def test_what_a_line_without_a_name_installs(line: str, called: str) -> None:
    """The note names packages, not the protocol they come by."""
    assert name(line) == called
