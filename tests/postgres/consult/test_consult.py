"""Questions about a help desk's schema, answered by building it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.consult.answer import Answer
from bot.consult.find import NotThere
from bot.consult.question import Describe, Question, Status, SuggestIndex
from bot.facts import State
from fixtures.build import build_desk
from fixtures.consult.samples import SAMPLES, samples
from fixtures.review import Reviewer
from tests.conftest import Golden
from tests.postgres.review.conftest import Repository, revision

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository that the samples ask about."""
    return build_desk(tmp_path_factory.mktemp("desk") / "desk")


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.name)
def test_the_samples_of_the_docs_are_what_is_answered(
    sample: object, desk: Path, reviewer: Reviewer, golden: Golden
) -> None:
    """`docs/consult.md` shows these files."""
    name, question = getattr(sample, "name", ""), getattr(sample, "question", Status())
    answer = reviewer.consult(desk, question)
    assert answer.exit_status == 0
    golden(SAMPLES / f"{name}.txt", answer.render("text"))


def suggested(answer: Answer) -> tuple[str, str]:
    """The id and text of the revision file that is suggested."""
    (told,) = answer.told
    assert told.code is not None
    return told.revision, told.code


@pytest.mark.parametrize(
    "columns",
    [
        ("state", "created_at"),
        ("state=open", "created_at:desc", "subject:include"),
        ("details",),
        ("urgent=true", "deleted_at=null"),
    ],
    ids=" ".join,
)
def test_the_suggested_revision_is_a_good_one(
    columns: tuple[str, ...], tmp_path: Path, reviewer: Reviewer
) -> None:
    """It goes up, down and up again, nothing is found fault with, and then none is needed."""
    desk = build_desk(tmp_path / "desk")
    question = SuggestIndex("tickets", columns)
    answer = reviewer.consult(desk, question)
    name, text = suggested(answer)
    subprocess.run(["git", "checkout", "-q", "-b", "indexed"], cwd=desk, check=True)
    (desk / f"migrations/versions/{name}_index.py").write_text(text)
    subprocess.run(["git", "add", "-A"], cwd=desk, check=True)
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *who, "commit", "-q", "-m", "An index"], cwd=desk, check=True)
    verdict = reviewer.review(desk, base="feature", head="indexed")
    told = answer.told[0]  # what is redundant then is told with the suggestion
    reminded = ["redundant-prefix-index"] if told.replaces else []
    assert [item.policy for item in verdict.counting] == reminded
    (run,) = verdict.facts.projects[0].revisions
    trip = run.round_trip
    assert [trip.upgrade.state, trip.downgrade.state, trip.reupgrade.state] == [State.OK] * 3
    again = reviewer.consult(desk, question, base="feature", head="indexed")
    assert "None is needed" in again.render("text")


@pytest.mark.parametrize(
    ("columns", "method"),
    [
        (("state", "created_at"), "btree"),
        (("details",), "gin"),
        (("customer_id", "subject:include"), "btree"),
        (("state=open", "created_at"), "btree"),
    ],
    ids=["range", "jsonb", "covering", "partial"],
)
def test_what_it_says_is_served_uses_the_index(
    columns: tuple[str, ...], method: str, desk: Path, reviewer: Reviewer
) -> None:
    """PostgreSQL's own plans, on thousands of rows."""
    answer = reviewer.consult(desk, SuggestIndex("tickets", columns))
    (told,) = answer.told
    assert told.choice.method == method
    assert told.trial.failure is None
    assert told.trial.rows > 1000
    served = [each for each in told.trial.explained if each.shape.served]
    assert served
    assert all(each.uses and told.name in each.plan for each in served)


def test_the_tenant_is_first_only_where_it_is_one(desk: Path, reviewer: Reviewer) -> None:
    """The setting names the column, and exempts tables."""
    question = SuggestIndex("tickets", ("subject",))
    (told,) = reviewer.consult(desk, question).told
    assert told.choice.columns == ("tenant_id", "subject")
    exempt = {"tenant-exempt": ["tickets"]}
    (told,) = reviewer.consult(desk, question, settings=exempt).told
    assert told.choice.columns == ("subject",)
    by_customer = {"tenant-column": "customer_id"}
    (told,) = reviewer.consult(desk, question, settings=by_customer).told
    assert told.choice.columns == ("customer_id", "subject")


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (Describe("ticket"), "near it is `public.tickets`"),
        (Describe("other.tickets"), "near it is `public.tickets`"),
        (SuggestIndex("tickets", ("creatd_at",)), "near it are `created_at` and `deleted_at`"),
        (SuggestIndex("tickets", ("state=opne",)), "has `open`, `waiting` and `closed`"),
        (SuggestIndex("tickets", ("state:often",)), "a use is `range`, `desc` or `include`"),
        (SuggestIndex("tickets", ("urgent=maybe",)), "is neither true nor false"),
    ],
    ids=str,
)
def test_what_is_not_there_is_told_with_what_is_near(
    question: Question, words: str, desk: Path, reviewer: Reviewer
) -> None:
    """A typo costs one line."""
    with pytest.raises(NotThere) as raised:
        reviewer.consult(desk, question)
    assert words in str(raised.value)


def test_a_value_is_never_sql(desk: Path, reviewer: Reviewer) -> None:
    """Quotes and backslashes stay in the literal, in the statement and in the revision file."""
    nasty = "subject=a'b\\' OR true; DROP TABLE tickets; --"
    answer = reviewer.consult(desk, SuggestIndex("tickets", (nasty, "created_at")))
    (told,) = answer.told
    assert told.trial.failure is None
    assert told.choice.predicate == "subject = E'a''b\\\\'' OR true; DROP TABLE tickets; --'"


def test_a_branch_without_migrations_can_be_asked(
    repository: Repository, reviewer: Reviewer
) -> None:
    """There is a schema, whether or not anything changes it."""
    repository.branch()
    repository.write({"README": "Hello\n"})
    answer = reviewer.consult(repository.root, Describe("t"))
    assert "None: base and head have the table alike." in answer.render("text")
    status = reviewer.consult(repository.root, Status()).render("text")
    assert "nothing is pending" in status


def test_a_change_that_does_not_go_up_is_told(repository: Repository, reviewer: Reviewer) -> None:
    """What was not seen, why, what to do; exit status 3, and the graph is told all the same."""
    repository.branch()
    repository.revisions(revision("a2", "a1", 'op.drop_table("nothing_like_it")'))
    answer = reviewer.consult(repository.root, Describe("t"))
    assert answer.exit_status == 3
    text = answer.render("text")
    assert "the schema of alembic.ini at head" in text
    assert "nothing_like_it" in text
    assert reviewer.consult(repository.root, Status()).exit_status == 0


def test_a_dropped_table_is_told_apart_from_a_typo(
    repository: Repository, reviewer: Reviewer
) -> None:
    """Base has it."""
    repository.branch()
    repository.revisions(revision("a2", "a1", 'op.drop_table("t")'))
    with pytest.raises(NotThere, match="the change drops it"):
        reviewer.consult(repository.root, Describe("t"))


def test_row_security_that_binds_the_owner_does_not_hide_the_rows(
    repository: Repository, reviewer: Reviewer
) -> None:
    """The scratch table is asked without it; the schema that is described has it."""
    forced = (
        'op.execute("ALTER TABLE t ENABLE ROW LEVEL SECURITY");'
        ' op.execute("ALTER TABLE t FORCE ROW LEVEL SECURITY");'
        ' op.execute("ALTER TABLE t ADD COLUMN kind text")'
    )
    repository.branch()
    repository.revisions(revision("a2", "a1", forced, 'op.execute("SELECT 1")'))
    (told,) = reviewer.consult(repository.root, SuggestIndex("t", ("kind",))).told
    assert (told.trial.failure, told.trial.rows) == (None, 5000)
    text = reviewer.consult(repository.root, Describe("t")).render("text")
    assert "row security is on, for the owner too" in text
    assert "there is no policy" in text


def test_a_table_that_takes_no_rows_is_told_as_not_tried(
    repository: Repository, reviewer: Reviewer
) -> None:
    """The suggestion is given, with what could not be seen; exit status 3."""
    refusing = (
        'op.execute("ALTER TABLE t ADD COLUMN kind text");'
        ' op.execute("ALTER TABLE t ADD CONSTRAINT never CHECK (id < 0 AND id > 0)")'
    )
    repository.branch()
    repository.revisions(revision("a2", "a1", refusing, 'op.execute("SELECT 1")'))
    answer = reviewer.consult(repository.root, SuggestIndex("t", ("kind",)))
    assert answer.exit_status == 3
    text = answer.render("text")
    assert "CREATE INDEX ix_t_kind ON t USING btree (kind);" in text
    assert "It could not be tried: no row could be made up for it" in text


PARTED = (
    'op.execute("CREATE TABLE p (id bigint NOT NULL, at date NOT NULL, kind text)'
    ' PARTITION BY RANGE (at)");'
    ' op.execute("CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (MINVALUE) TO (MAXVALUE)")'
)


def test_a_partitioned_table_gets_an_index_by_partition(
    repository: Repository, reviewer: Reviewer
) -> None:
    """CONCURRENTLY is refused for the parent: the file builds each part's, and it runs."""
    repository.revisions(revision("a2", "a1", PARTED, 'op.drop_table("p")'))
    repository.branch()
    answer = reviewer.consult(repository.root, SuggestIndex("p", ("kind", "at")))
    (told,) = answer.told
    assert told.trial.failure is None
    assert all(each.uses for each in told.trial.explained if each.shape.served)
    name, text = suggested(answer)
    repository.write({f"migrations/versions/{name}_.py": text})
    verdict = reviewer.review(repository.root)
    assert [item.policy for item in verdict.counting if item.severity.value == "block"] == []
    (run,) = verdict.facts.projects[0].revisions
    assert run.round_trip.reupgrade.state is State.OK


def command(desk: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command line on the help desk."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "bot", *words, "-q", "--repo", str(desk)),
            *("--base", "main", "--head", "feature", "--install", "never"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        env=dict(os.environ),
    )


def test_the_command_line_answers_as_data(desk: Path) -> None:
    """Exit status 0, JSON on stdout, nothing on stderr."""
    done = command(desk, "describe", "tickets", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    data = json.loads(done.stdout)
    (told,) = data["answers"]
    assert (data["question"], told["table"]["name"]) == ("describe", "tickets")
    assert [item["name"] for item in told["pending"]] == [
        "public.tickets.assignee",
        "public.tickets.details",
    ]


def test_the_command_line_refuses_what_is_not_there(desk: Path) -> None:
    """Exit status 2, one sentence."""
    done = command(desk, "describe", "tikcets")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "db-recheck: error: there is no table `tikcets` at head; near it is `public.tickets`\n"
    )
