"""Which statement of the change a finding about its end points to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bot.explain.losses.upgraded import upgraded
from bot.explain.releases.drift import gaps, place
from bot.explain.releases.old_code import culprit
from bot.explain.releases.releases import Broken
from bot.facts import (
    Anchors,
    Change,
    ChangedFile,
    ChangedRevision,
    Difference,
    Direction,
    Effect,
    Facts,
    Project,
    RoundTrip,
    Seen,
    State,
    Statement,
    Step,
)
from bot.facts.fit import Drift, Kind, Sent
from bot.facts.models import MappedClass, Models, ModelTable
from bot.facts.schema import Schema, Table
from bot.policy import Severity, policies

ORDERS = "public.orders"
STATUS = Difference("column", f"{ORDERS}.status", "status text", None, table=ORDERS)
DROP = "ALTER TABLE orders DROP COLUMN status"
FILL = "UPDATE orders SET note = ''"


def facts(
    *sql: str, changed: Sequence[Difference] = (STATUS,), drift: Sequence[Drift] = ()
) -> Facts:
    """A change of one revision a statement; the first brings the differences."""
    revisions = tuple(
        ChangedRevision(
            f"r{number}",
            f"versions/r{number}.py",
            Change.ADDED,
            anchors=Anchors(1, 2, 5, 30),
            round_trip=RoundTrip(
                Step(
                    State.OK,
                    statements=(_statement(text, f"versions/r{number}.py"),),
                    changed=() if number else tuple(changed),
                )
            ),
        )
        for number, text in enumerate(sql)
    )
    project = Project("alembic.ini", "m", revisions=revisions, drift=tuple(drift))
    return Facts("0", "1", projects=(project,))


def _statement(sql: str, path: str) -> Statement:
    effect = Effect(ORDERS, table=ORDERS)
    return Statement(
        Direction.UPGRADE, sql, path, 10, 1.0, 1, effects=(effect,), seen=Seen.TRANSACTION
    )


@pytest.mark.parametrize(
    ("message", "revision"),
    [
        ("column orders.status does not exist\nLINE 1: SELECT", "r0"),
        ('column "status" of relation "orders" does not exist', "r0"),
        ('relation "orders" does not exist', "r0"),
        ("out of memory", "r0"),  # rows that are changed refuse nothing
    ],
)
def test_statement_that_names_what_old_code_misses_is_to_blame(message: str, revision: str) -> None:
    """Not the one that merely fills another column of the table later."""
    sent = Sent(ORDERS, "Order", Kind.SELECT)
    failed = Sent(ORDERS, "Order", Kind.SELECT, failed=True, sqlstate="42703", message=message)
    found = culprit(list(upgraded(facts(DROP, FILL))), ORDERS, Broken(sent, failed))
    assert found is not None
    assert found.revision.revision == revision


@pytest.mark.parametrize(
    ("changed", "revision"),
    [((STATUS,), "r0"), ((), "r1")],
    ids=["altered by the first", "altered by nothing that was seen"],
)
def test_drift_points_to_what_altered_the_table(
    changed: tuple[Difference, ...], revision: str
) -> None:
    """Rows that a later revision fills leave the schema as it is."""
    drift = Drift("add_column", ORDERS, "status", introduced=True)
    (gap,) = gaps(facts(DROP, FILL, changed=changed, drift=[drift]).projects[0])
    found = gap.in_revision()
    assert found is not None
    assert (found[0].revision, found[1]) == (revision, 10)


OAUTH = MappedClass("OAuthAccount", "OAuthAccount", "", 0, "public.oauth")
PAGE = MappedClass("Page", "Page", "shop/pages.py", 0, "public.pages")


@pytest.mark.parametrize(
    ("head", "base", "touched", "expected"),
    [
        ((PAGE, OAUTH), (PAGE,), "shop/pages.py", ("m/env.py", 1)),
        ((PAGE, OAUTH), (PAGE,), "m/env.py", ("m/env.py", 7)),
        ((PAGE,), (PAGE, OAUTH), "shop/pages.py", ("m/env.py", 1)),
        ((PAGE, replace(OAUTH, path="shop/users.py")), (PAGE,), "shop/pages.py", (PAGE.path, 1)),
    ],
)
def test_drift_of_a_library_s_table_is_env_py_s(
    head: tuple[MappedClass, ...],
    base: tuple[MappedClass, ...],
    touched: str,
    expected: tuple[str, int],
) -> None:
    """Its class lies in no file of the change; another model that changed has no part in it."""
    drift = Drift("create_table", "public.oauth", code="op.create_table('oauth')")
    seen = facts(drift=[drift])
    (project,) = seen.projects
    project = replace(project, models=Models(classes=head), base_models=Models(classes=base))
    seen = replace(seen, files=(ChangedFile(touched, Change.MODIFIED, added=(7,)),))
    (gap,) = gaps(project)
    assert place(seen, gap)[:2] == expected


@pytest.mark.parametrize(("there", "words"), [(True, "does not see"), (False, "disagree about")])
def test_table_that_is_there_is_not_called_missing(there: bool, words: str) -> None:  # noqa: FBT001 - a column of the table
    """Autogenerate takes it for missing where env.py keeps it from looking into the schema."""
    costs = Table("billing", "costs")
    drift = Drift("create_table", costs.full_name, code="op.create_table('costs')")
    seen = facts("CREATE TABLE billing.costs ()", drift=[drift])
    (project,) = seen.projects
    schema = Schema((costs,) if there else ())
    models = Models((ModelTable(costs.full_name),))
    project = replace(project, schema=schema, models=models, base_models=Models())
    asked = next(policy for policy in policies() if policy.id == "model-drift")
    (finding,) = asked.look(replace(seen, projects=(project,)))
    assert words in finding.title
    assert (finding.severity is Severity.NOTE) is there
