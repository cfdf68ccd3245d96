"""The corpus is written as its README says, and labels what it promises to label."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from accuracy.scope import APART, OF_ROWS_AND_RELEASES, judged_in
from bot.policy import policies
from fixtures.labelled import BadCorpus, Labelled, corpus, read_corpus

CASES = corpus()
GROUPS = {policy.id: policy.group for policy in policies()}


def expected(case: Labelled) -> set[str]:
    """The policies that must be found in it."""
    return {label.policy for label in case.labels if label.expected}


def test_half_of_the_cases_are_safe_and_many_are_built_like_real_ones() -> None:
    """What the corpus is for: telling apart what looks alike."""
    assert len(CASES) >= 120
    assert 0.45 <= sum(case.safe for case in CASES) / len(CASES) <= 0.55
    assert sum(case.shape is not None for case in CASES) >= 30


def test_every_locking_and_data_policy_is_labelled_at_least_twice() -> None:
    """One example proves nothing about the next."""
    many = Counter(policy for case in CASES for policy in expected(case))
    own = {name for name, group in GROUPS.items() if group in ("locking", "data")}
    assert {name for name in own if many[name] < 2} == set()


def test_families_label_what_they_judge() -> None:
    """A label that its family does not judge would be of no use, and look as if it were."""
    for case in CASES:
        assert expected(case) & GROUPS.keys() <= judged_in(case.family), case.id


def test_every_policy_of_rows_and_releases_is_labelled_and_has_look_alikes() -> None:
    """In the families of their own."""
    apart = [case for case in CASES if case.family in APART]
    assert {case.family for case in apart} == APART
    many = Counter(policy for case in apart for policy in expected(case))
    assert many.keys() == OF_ROWS_AND_RELEASES
    assert 0.4 <= sum(case.safe for case in apart) / len(apart) <= 0.6


def test_an_edit_of_the_models_fits_one_place(tmp_path: Path) -> None:
    """Otherwise a case would say nothing, or another thing than it seems."""
    for old in ("nowhere", "Mapped"):
        (tmp_path / "edit.toml").write_text(
            f'[case]\nsays = "x"\nenvironment = "modelled"\nedits = [["{old}", ""]]\n'
        )
        with pytest.raises(BadCorpus, match=r"the models: .* stands there"):
            read_corpus(tmp_path)


@pytest.mark.parametrize(
    "lines",
    [
        'deletes = ["nowhere.py"]',
        '[case.edits_files]\n"nowhere.py" = [["a", "b"]]',
        '[case.edits_files]\n"alembic.ini" = [["nowhere", ""]]',
    ],
)
def test_an_edit_or_a_deletion_is_of_what_main_has(tmp_path: Path, lines: str) -> None:
    """A misspelt path would leave the file as it is."""
    (tmp_path / "edit.toml").write_text(f'[case]\nsays = "x"\n{lines}\n')
    with pytest.raises(BadCorpus, match=r"edit/case: .*(nowhere|stands there 0 times)"):
        read_corpus(tmp_path)


def test_what_main_got_meanwhile_is_on_main_alone(tmp_path: Path) -> None:
    """The branch was cut before; revisions follow main's last one as it was then."""
    body = "upgrade = 'pass'\ndowngrade = 'pass'\n"
    (tmp_path / "later.toml").write_text(
        f'[case]\nsays = "x"\n{body}[[case.before]]\n{body}'
        f"[[case.later]]\n{body}[[case.later]]\n{body}"
        "[case.later_files]\n\"shop/views.py\" = 'VIEWS = 1'\n"
    )
    (case,) = read_corpus(tmp_path)
    parents = {
        path.rpartition("/")[2][:4]: re.findall(rb'down_revision = "(\w+)"', text)
        for path, text in case.later.items()
        if "versions" in path
    }
    assert parents == {"1003": [b"0002"], "1004": [b"1003"]}
    assert "shop/views.py" in case.later
    assert not case.later.keys() & {*case.base, *case.files}


def test_every_label_names_a_policy() -> None:
    """A label that no policy can ever settle would be missed for ever."""
    assert {label.policy for case in CASES for label in case.labels} <= GROUPS.keys()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_case_is_python_and_shows_no_label(case: Labelled) -> None:
    """What is reviewed compiles and does not give the answer away; labels stand in its files."""
    for path, content in case.files.items():
        if path.endswith(".py"):
            compile(content, path, "exec")
        assert not re.search(rb"# (expect|may):", content)
    assert case.says
    for label in case.labels:
        shown = case.files if label.line else {*case.files, *case.base}
        assert label.path in shown, label
        assert not label.line or len(case.files[label.path].splitlines()) >= label.line


def test_unknown_key_is_refused(tmp_path: Path) -> None:
    """A misspelt ``anywhere`` would make a case safe without a word."""
    (tmp_path / "typo.toml").write_text("[case]\nanywere = []\n")
    with pytest.raises(BadCorpus, match="typo/case: unknown keys"):
        read_corpus(tmp_path)
