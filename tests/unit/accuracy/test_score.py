"""Remarks against labels: what counts as found, where, and what counts as made up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from accuracy.said import Answer, Remark, Said
from accuracy.score import Tally, tally
from fixtures.labelled import Label

FILE, OTHER = "migrations/versions/0002_a.py", "migrations/versions/0003_a.py"
POLICIES = ("table-rewrite", "narrowing-cast")
MEANING = {"rewrite": ("table-rewrite",), "type": POLICIES, "style": ()}


def label(policy: str, line: int, *, expected: bool = True) -> Label:
    """A label in the first file."""
    return Label(policy, FILE, line, expected)


def judge(labels: list[Label], *remarks: Remark) -> Tally:
    """The tally of one case."""
    return tally(labels, remarks, MEANING, POLICIES)


def test_finding_on_its_line_is_right() -> None:
    """The label is found, and on the right line."""
    found = judge([label("table-rewrite", 9)], Remark("rewrite", FILE, 9))
    assert (found.precision, found.recall, found.right_lines) == (1, 1, 1)


def test_finding_on_another_line_or_in_another_file_is_found_and_misplaced() -> None:
    """It is no false alarm, and no help in finding the place."""
    for remark in (Remark("rewrite", FILE, 8), Remark("rewrite", OTHER, 9)):
        found = judge([label("table-rewrite", 9)], remark)
        assert (found.precision, found.recall, found.right_lines) == (1, 1, 0)


def test_finding_without_a_line_is_found_and_on_no_line() -> None:
    """Programs that read rendered SQL know no line of the file."""
    found = judge([label("table-rewrite", 9)], Remark("rewrite", FILE, 0))
    assert (found.recall, found.right_lines) == (1, 0)


def test_label_without_a_line_is_found_anywhere_and_its_line_is_not_judged() -> None:
    """``anywhere`` says nothing about lines."""
    found = judge([label("table-rewrite", 0)], Remark("rewrite", OTHER, 77))
    assert (found.recall, found.right_lines) == (1, None)


def test_second_finding_for_one_label_is_false() -> None:
    """One finding per cause."""
    found = judge(
        [label("table-rewrite", 9)], Remark("rewrite", FILE, 9), Remark("rewrite", FILE, 12)
    )
    assert (len(found.hits), len(found.false)) == (1, 1)


def test_two_labels_need_two_findings() -> None:
    """Every offender is to be reported, not the first."""
    labels = [label("table-rewrite", 9), label("table-rewrite", 10)]
    found = judge(labels, Remark("rewrite", FILE, 10))
    assert [item.line for item in found.missed] == [9]


def test_tolerated_finding_counts_neither_way() -> None:
    """``may``: with or without it the result is the same."""
    labels = [label("table-rewrite", 9, expected=False)]
    assert judge(labels) == judge(labels, Remark("rewrite", FILE, 9)) == Tally()


def test_tolerated_place_of_an_expected_label_is_right() -> None:
    """A label may stand at one of several lines."""
    labels = [label("table-rewrite", 9), label("table-rewrite", 12, expected=False)]
    found = judge(labels, Remark("rewrite", FILE, 12))
    assert (found.recall, found.right_lines, found.false) == (1, 1, ())


def test_rule_that_stands_for_several_policies_may_mean_any() -> None:
    """The neighbours are read generously: the finding is right if one of them is labelled."""
    assert judge([label("narrowing-cast", 9)], Remark("type", FILE, 9)).precision == 1
    assert judge([], Remark("type", FILE, 9)).false[0][0] == "table-rewrite"


def test_rule_that_stands_for_several_policies_finds_all_that_are_labelled_there() -> None:
    """Whoever says that the type changes has seen the rewrite and the narrowing."""
    there = [label("table-rewrite", 9), label("narrowing-cast", 9)]
    for remark in (Remark("type", FILE, 9), Remark("type", FILE, 0, 4)):
        assert judge([*there, label("narrowing-cast", 12)], remark).missed == (
            label("narrowing-cast", 12),
        )


def test_two_rules_about_one_statement_are_one_finding() -> None:
    """Some programs say one thing twice; nobody is punished for that."""
    pair = (Remark("rewrite", FILE, 0, 4), Remark("type", FILE, 0, 4))
    found = judge([label("narrowing-cast", 9)], *pair)
    assert (len(found.hits), found.false) == (1, ())


def test_statements_of_a_loop_are_not_held_against_a_program_without_lines() -> None:
    """Rendered SQL shows each of them; in another file, or with a line, they are two findings."""
    rewrite = [label("table-rewrite", 9)]
    first, second = Remark("rewrite", FILE, 0, 4), Remark("rewrite", FILE, 0, 8)
    assert judge(rewrite, first, second).false == ()
    assert len(judge(rewrite, first, Remark("rewrite", OTHER, 0, 8)).false) == 1
    assert len(judge(rewrite, Remark("rewrite", FILE, 9), Remark("rewrite", FILE, 10)).false) == 1
    assert len(judge([], first, second).false) == 2


def test_rule_that_stands_for_nothing_is_not_judged() -> None:
    """Findings about other things are no false alarms here."""
    assert judge([], Remark("style", FILE, 9), Remark("unheard", FILE, 9)) == Tally()


@given(
    st.lists(st.tuples(st.sampled_from(POLICIES), st.integers(0, 3), st.booleans()), max_size=5),
    st.lists(st.tuples(st.sampled_from([*MEANING, "?"]), st.integers(0, 3)), max_size=6),
)
def test_every_label_is_found_or_missed_and_no_remark_counts_twice(
    labels: list[tuple[str, int, bool]], remarks: list[tuple[str, int]]
) -> None:
    """Nothing is lost and nothing is counted twice, whatever is labelled and said."""
    own = [label(policy, line, expected=expected) for policy, line, expected in labels]
    said = [Remark(rule, FILE, line) for rule, line in remarks]
    found = judge(own, *said)
    assert len(found.hits) + len(found.missed) == sum(item.expected for item in own)
    assert len(found.false) <= len(said)


def test_results_survive_their_file() -> None:
    """What is kept is what was said."""
    said = Said(
        "peer",
        "peer 1.0",
        {
            "a/b": Answer("1", (Remark("rule", "a file.py", 3), Remark("rule", "b.py", 0, 7))),
            "a/c": Answer("2"),
            "a/d": Answer("3", unread="it cannot"),
        },
    )
    assert Said.from_json(said.to_json()) == said
    assert said.remarks.keys() == {"a/b", "a/c"}
    assert said.unread == {"a/d": "it cannot"}
