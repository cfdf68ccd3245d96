"""Names in a schema are a stranger's: they stay inside code, whatever policy speaks of them."""

from __future__ import annotations

from dataclasses import replace

from bot.facts import Facts, Notice
from bot.facts.data_types import DataType, EnumType
from bot.facts.relation import Constraint
from bot.facts.schema import CheckTrial, Partitioning, Schema, Sequence
from bot.markup import Kind, pieces
from bot.policy import Finding, Options, policies
from tests.unit.schema.schemas import BIGINT, TEXT, column, foreign, index, key, project, table

HOSTILE = "x](http://evil) @ada `<img>` ``` # ~"


def options(name: str) -> Options:
    """Settings by which the policies look for these names."""
    return Options(
        naming={"index": "ix_{table}"},
        policy={
            "unindexed-lookup-column": {"lookup-columns": [f"{name} status"]},
            "timestamp-without-server-default": {"columns": [f"{name} at"]},
            "missing-audit-trigger": {"audit-trigger": f"{name}.audit"},
            "too-many-partitions": {"max-partitions": 0},
            "index-on-every-column": {"max-indexes": 1},
            "missing-timestamps": {"columns": [name]},
        },
    )


def everything(name: str) -> Facts:
    """Schemas in which every policy of the group finds something, with one text in every name."""
    naive = DataType("timestamp without time zone", "timestamp without time zone", category="D")
    parent = table(name, column("id", BIGINT), column(f"{name} name"), key("id", name=name))
    own = f"public.{name}"
    columns = (
        column("id", DataType("integer", "integer", category="N"), default="nextval('x')"),
        column(f"{name}_id", TEXT, nullable=False),
        column(f"{name}_type"),
        column(f"{name}_status"),
        column(f"{name} status"),
        column(f"{name}_state"),
        column(f"{name} at", naive),
        column(f"{name}_flag", DataType("boolean", "boolean", category="B")),
        column(f"{name}_data", DataType("json", "json")),
        column(f"{name}_more", DataType("jsonb", "jsonb")),
        column(f"{name}_mood", DataType("public.mood", "public.mood", "enum", "E")),
        column(f"{name}_price", DataType("real", "real", category="N")),
        column(f"{name}_ids", DataType("bigint[]", "bigint", category="N", array=True)),
        column(f"{name}_name"),
        column(f"{name} colours"),
        column("deleted_at", naive),
        column("is_deleted", DataType("boolean", "boolean", category="B")),
    )
    things = table(
        f"{name}_tokens",
        *columns,
        Constraint(f"{name} check", "check", (f"{name}_mood",), f"CHECK ({name})"),
        Constraint(f"{name} pk", "primary key", ("id",), "PRIMARY KEY (id)"),
        foreign(f"{name} a", own, f"{name}_id", on_delete="SET NULL"),
        foreign(f"{name} b", own, f"{name}_status", on_delete="SET DEFAULT"),
        foreign(f"{name} c", own, f"{name}_name"),
        index(f"{name} one", f"{name}_mood"),
        index(f"{name} two", f"{name}_mood"),
        index(f"{name} three", f"{name}_price"),
        index(f"{name} four", f"{name}_price", "id"),
        index(f"{name} five", f"{name}_data", unique=True),
        persistence="unlogged",
    )
    loose = table(f"{name} orders", column(f"{name} id"), column(f"{name}_id", BIGINT))
    bare = table(f"{name}_order", column("id", BIGINT), column("name"), key("id", name=name))
    log = table(f"{name}_events", column("id", BIGINT), column(f"{name} at", naive), key("id"))
    split = table(
        f"{name} split", column("id", BIGINT), partitioning=Partitioning("range", name, ("id",))
    )
    bound = "FOR VALUES FROM ('2020-01-01') TO ('2020-02-01')"
    parts = tuple(
        table(f"{name} {n}", partition_of=split.full_name, bound=bound) for n in ("p", "q")
    )
    parts = (replace(parts[0], indexes=(index(f"{name} part", "id"),)), parts[1])
    both = table(
        f"{name}_links",
        column("a", BIGINT),
        column("b", BIGINT),
        foreign(f"{name} l", own, "a"),
        foreign(f"{name} m", own, "b"),
        key("a", "b", name=f"{name} both"),
    )
    elsewhere = replace(bare, schema=name)
    tables = (parent, things, loose, bare, log, split, *parts, both, elsewhere)
    schema = Schema(
        tables,
        enums=(EnumType("public.mood", (name, "b")),),
        sequences=(Sequence("public", name, "integer", f"{things.full_name}.id"),),
    )
    notice = Notice("42622", f'identifier "{name}1" will be truncated to "{name}2"')
    quoted = '"' + things.name.replace('"', '""') + '"'
    adds = (
        f"CREATE TABLE {quoted} (id int PRIMARY KEY)",
        f'CREATE SCHEMA "{name}"',
        f'ALTER TABLE {quoted} ADD FOREIGN KEY ("{name}_name") REFERENCES y',
        f'CREATE INDEX "{name} three" ON {quoted} ("{name}_price")',
    )
    made = project((), tables, *adds)
    (item,) = made.revisions
    up = item.round_trip.upgrade
    first = replace(up.statements[0], notices=(notice,))
    up = replace(up, statements=(first, *up.statements[1:]))
    item = replace(item, round_trip=replace(item.round_trip, upgrade=up))
    other = replace(item, revision="c", path="c.py", round_trip=type(item.round_trip)(up))
    trials = (CheckTrial(things.full_name, f"{name} check", 9, 0, None),)
    made = replace(made, schema=schema, revisions=(other, item), check_trials=trials)
    return Facts("0", "1", projects=(made,), day="2026-01-01")


def said(name: str) -> dict[str, list[Finding]]:
    """What each policy of the group says."""
    facts, stated = everything(name), options(name)
    found = {
        each.id: list(each.look(facts, stated)) for each in policies() if each.group == "schema"
    }
    return {name: findings for name, findings in found.items() if findings}


def test_names_never_leave_their_code_spans() -> None:
    """No policy puts a stranger's text where Markdown would read it."""
    for policy, findings in said(HOSTILE).items():
        for finding in findings:
            texts = [finding.title, finding.message]
            for remedy in finding.remedies:
                texts += [remedy.title, remedy.text, remedy.trade_off]
            for text in texts:
                prose = "".join(each.text for each in pieces(text) if each.kind is Kind.PROSE)
                assert "evil" not in prose, (policy, text)


def test_nearly_every_policy_was_asked() -> None:
    """The schemas above make them speak; those left out need another base or another schema."""
    asked = {each.id for each in policies() if each.group == "schema"}
    assert asked - said("q").keys() <= {
        "index-apart-from-column",
        "unqualified-cross-schema-key",
        "implicit-on-delete",
    }
