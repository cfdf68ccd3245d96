"""The policies on tenants, row security, rights and secrets: all asked, with hostile names."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.explain.python.redaction import HIDDEN, without_secrets
from bot.facts import (
    Change,
    ChangedRevision,
    Direction,
    Facts,
    Project,
    RoundTrip,
    Source,
    State,
    Statement,
    Step,
)
from bot.facts.plans import Query
from bot.facts.relation import RowPolicy
from bot.facts.schema import Extension, Function, Grant, Schema, Table, View
from bot.facts.serial import from_json, to_json
from bot.facts.trials import Broken, Isolation, Trials, UnsetSetting
from bot.judge import judge
from bot.markup import Kind, pieces
from bot.policy import Finding, Options, policies
from bot.report.json_report import render_json
from bot.report.sarif import render_sarif
from bot.sql import quoted
from bot.verdict import Judging
from tests.unit.schema.schemas import BIGINT, PATH, column, foreign, index, key, table

HOSTILE = "x](http://evil) @ada `<img>` ``` # ~"
SECRET = "Tr0ub4dor&3x"
ASKED = [
    policy
    for policy in policies()
    if (policy.group in ("tenancy", "security") and policy.id != "superuser-needed")
    or policy.id == "dependent-object-broken"
]


def literal(text: str) -> str:
    """A string of SQL."""
    return "'" + text.replace("'", "''") + "'"


def statements(name: str) -> tuple[str, ...]:
    """What a revision runs against most of the rules, with one text for every name."""
    own = quoted(name)
    return (
        f"CREATE ROLE {own} CREATEROLE PASSWORD {literal(SECRET)}",
        f"GRANT ALL ON {own} TO PUBLIC",
        f"COPY {own} FROM {literal(name)}",
        f"CREATE EXTENSION {own}",
        f"ALTER DATABASE {own} SET timezone = 'UTC'",
    )


def secured(name: str, **more: object) -> Table:
    """A table with a column that isolates and with policies that do not."""
    return table(
        name,
        column("id", BIGINT, nullable=False),
        column("tenant_id", BIGINT),
        column("password"),
        key("id"),
        index(f"u{name}", "password", unique=True),
        index(f"i{name}", "password", "tenant_id"),
        foreign(f"f{name}", "public.projects", "id"),
        policies=(
            RowPolicy(name, True, "ALL", ("PUBLIC",), "tenant_id = 1", "true"),  # noqa: FBT003 - permissive
            RowPolicy(f"{name}2", True, "SELECT", (name, "PUBLIC"), "id > 1"),  # noqa: FBT003 - permissive
        ),
        row_security=True,
        **more,
    )


def everything(name: str) -> Facts:
    """Facts that make every policy of these groups speak."""
    tenants = table("tenants", column("id", BIGINT, nullable=False), key("id"))
    granted = (Grant(name, ("SELECT",)),)
    projects = table(
        "projects",
        column("id", BIGINT, nullable=False),
        column("tenant_id", BIGINT, nullable=False),
        key("id"),
        foreign("fk_projects_tenants", "public.tenants", "tenant_id"),
        grants=granted,
    )
    projects = replace(projects, indexes=())
    whole = secured(name)
    cascading = table(
        f"{name}c",
        column("tenant_id", BIGINT, nullable=False),
        foreign(f"c{name}", "public.tenants", "tenant_id", on_delete="CASCADE"),
    )
    bare = table(f"{name}b", column("id", BIGINT))
    closed = replace(secured(f"{name}d"), policies=())
    base = Schema((replace(tenants, grants=granted), projects))
    body = "SELECT id FROM public.projects"
    head = Schema(
        (*base.tables, whole, cascading, bare, closed),
        (View("public", name, "view", body),),
        (
            Function(
                f"public.{name}()", "function", "sql", "bigint",
                f"CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS {literal(body)}",
                security_definer=True,
            ),
        ),
        extensions=(Extension(name, "1", "public"),),
    )  # fmt: skip
    ran = tuple(
        Statement(Direction.UPGRADE, sql, PATH, 10 + number, 1.0, 1)
        for number, sql in enumerate(statements(name))
    )
    full = f"public.{name}"
    trials = Trials(
        (Broken("function", f"{full}()", "called", "42703", name, full),),
        (Isolation(full, "tenant_id", (name,), name, 5, 5, 5, 5, moved=True, added=True),),
        tuple(
            UnsetSetting(kind, full, at, name, name)
            for kind, at in (("policy", name), ("default", "password"), ("trigger", name))
        ),
    )
    revision = ChangedRevision(
        "b", PATH, Change.ADDED, ("a",), round_trip=RoundTrip(Step(State.OK, statements=ran))
    )
    project = Project(
        "alembic.ini", "migrations", revisions=(revision,), schema=head, base_schema=base,
        trials=trials,
    )  # fmt: skip
    text = (
        "import os\nfrom alembic import op\n"
        'URL = "postgresql://loader@db7.acme.internal/crm"\n'
        "def upgrade():\n    op.execute(f\"SELECT '{os.environ['X']}'\")\n"
    )
    return Facts(
        "a",
        "b",
        projects=(project,),
        sources=(Source(PATH, text, None),),
        queries=(Query(name, f"{body} WHERE name <> {literal(name)}", "queries.sql", 3, new=True),),
    )


def said(facts: Facts) -> dict[str, list[Finding]]:
    """What each policy says, those that say nothing left out."""
    found = {policy.id: list(policy.look(facts, Options())) for policy in ASKED}
    return {name: findings for name, findings in found.items() if findings}


def test_every_policy_is_asked() -> None:
    """The facts make all of them speak."""
    assert {policy.id for policy in ASKED} == said(everything("q")).keys()


def test_names_never_leave_their_code_spans() -> None:
    """No policy puts a stranger's text where Markdown would read it."""
    found = said(everything(HOSTILE))
    assert len(found) > len(ASKED) - 5
    for policy, findings in found.items():
        for finding in findings:
            texts = [finding.title, finding.message]
            texts += [part for each in finding.remedies for part in (each.title, each.text)]
            for text in texts:
                prose = "".join(each.text for each in pieces(text) if each.kind is Kind.PROSE)
                assert "evil" not in prose, (policy, text)


@given(st.text(min_size=1, max_size=8))
@settings(max_examples=15, deadline=None)
def test_every_finding_is_complete_whatever_the_names_are(name: str) -> None:
    """It has a place, a subject and a way out."""
    for policy, findings in said(everything(name)).items():
        for finding in findings:
            assert finding.line >= 1, policy
            assert finding.subject, policy
            assert finding.remedies, policy


def test_facts_with_trials_survive_their_file() -> None:
    """Written and read again, they are the same."""
    facts = everything("q")
    assert from_json(to_json(facts)) == facts


@pytest.mark.parametrize("render", [render_json, render_sarif])
def test_no_report_shows_a_secret(render: object) -> None:
    """Neither in the statements nor in what a policy says; the finding is there all the same."""
    verdict = judge(everything("q"), Judging())
    text = render(verdict)  # type: ignore[operator]  # a renderer
    assert "secret-in-migration" in text
    assert SECRET not in text


def test_a_table_that_is_called_like_a_password_is_still_judged() -> None:
    """Words are hidden where they are a password, and nowhere else."""
    facts = everything("q")
    (project,) = facts.projects
    sql = "CREATE ROLE q PASSWORD 'projects'; GRANT SELECT ON projects TO q"
    ran = Statement(Direction.UPGRADE, sql, PATH, 9, 1.0, 1)
    trip = RoundTrip(Step(State.OK, statements=(ran,)))
    revision = replace(project.revisions[0], round_trip=trip)
    cleaned = without_secrets(
        replace(facts, projects=(replace(project, revisions=(revision,)),))
    ).projects[0]
    (shown,) = cleaned.revisions[0].round_trip.upgrade.statements
    assert shown.sql == f"CREATE ROLE q PASSWORD '{HIDDEN}'; GRANT SELECT ON projects TO q"
    assert cleaned.schema == project.schema


def test_nothing_is_said_of_tenants_where_nothing_tells_of_them() -> None:
    """Without the column, the table and the setting a schema has one owner."""
    new = table("notes", column("id", BIGINT), key("id"))
    facts = everything("q")
    project = replace(facts.projects[0], base_schema=Schema(), schema=Schema((new,)), trials=None)
    tenancy = [policy for policy in ASKED if policy.id == "table-without-tenant"]
    alone = replace(facts, projects=(project,))
    assert [list(policy.look(alone, Options())) for policy in tenancy] == [[]]
    (findings,) = [list(each.look(alone, Options(tenant_column="org_id"))) for each in tenancy]
    assert [item.column for item in findings] == ["org_id"]


def test_an_address_with_a_password_is_two_matters() -> None:
    """The password is hidden from all but one policy; the host is still that of one server."""
    text = 'url = "postgresql+psycopg://shop:yq7Lw2pT@db.shop.internal/shop"\n'
    facts = Facts("b" * 40, "h" * 40, sources=(Source("shop/models.py", text, None),))
    found = {item.policy: item for item in judge(facts, Judging(), ASKED).findings}
    assert sorted(found) == ["environment-specific-name", "secret-in-migration"]
    assert {(item.path, item.line) for item in found.values()} == {("shop/models.py", 1)}
    assert "db.shop.internal" in found["environment-specific-name"].title
    assert "DATABASE_URL" in found["secret-in-migration"].remedies[0].text


def test_an_index_on_the_tenant_alone_is_not_called_missing() -> None:
    """Where a further column is asked for, its rows are found, and sorted."""
    own = column("tenant_id", BIGINT, nullable=False)
    bare = table("notes", own, column("created_at"), foreign("fk", "public.tenants", "tenant_id"))
    asked = Options(
        tenant_column="tenant_id", policy={"tenant-not-indexed": {"then": ["created_at"]}}
    )
    policy = next(each for each in ASKED if each.id == "tenant-not-indexed")
    told = []
    for has in (bare, replace(bare, indexes=(index("one", "tenant_id"),))):
        made = replace(everything("q").projects[0], base_schema=Schema(), schema=Schema((has,)))
        facts = replace(everything("q"), projects=(made,))
        told += [item.message for item in policy.look(facts, asked)]
    assert ["sorts all of them" in message for message in told] == [False, True]


def of_tenants(*names: str) -> Facts:
    """Two tables of tenants with row security, each with these policies; the last one is open."""
    own, more = "tenant_id = 1", "NOT is_deleted"
    rules = tuple(
        RowPolicy(name, True, "SELECT", ("PUBLIC",), more if name == names[-1] else own)  # noqa: FBT003 - permissive
        for name in names
    )
    tables = tuple(
        table(name, column("tenant_id", BIGINT), policies=rules, row_security=True)
        for name in ("notes", "parcels")
    )
    made = replace(everything("q").projects[0], base_schema=Schema(), schema=Schema(tables))
    return replace(everything("q"), projects=(made,))


@pytest.mark.parametrize("names", [("own", "published"), ("own", "open"), ("own", "other", "all")])
def test_a_policy_that_opens_is_told_once_whatever_it_is_called(names: tuple[str, ...]) -> None:
    """Each pair is one, from whichever of the two it is come upon."""
    policy = next(each for each in ASKED if each.id == "permissive-policies-combine")
    found = list(policy.look(of_tenants(*names), Options(tenant_column="tenant_id")))
    told = [f"public.notes.{names[-1]}", f"public.parcels.{names[-1]}"]
    assert [item.subject for item in found] == told


def test_row_security_on_several_tables_is_one_decision() -> None:
    """One record says why."""
    policy = next(each for each in policies() if each.id == "decision-unrecorded")
    found = list(policy.look(of_tenants("own", "other"), Options()))
    titles = [item.title for item in found if "Row security" in item.title]
    assert titles == [
        "Row security is on for `public.notes` and `public.parcels`, and no record says why"
    ]
