"""Every finding about what is lost: complete, and hostile names within code spans."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.facts import (
    Difference,
    Effect,
    Facts,
    Notice,
)
from bot.facts.schema import Column, Schema, Table
from bot.markup import Kind, pieces
from tests.unit.policies.test_data import ID, KEY, POLICIES, TEXT, ran, said, upgraded
from tests.unit.policies.test_data_cascades import foreign_key
from tests.unit.policies.test_hostile_names import HOSTILE, texts


def everything(name: str) -> Facts:
    """Facts that make every policy of the group speak, with one text for every name in them."""
    quoted = '"' + name.replace('"', '""') + '"'
    table = f"public.{name}"
    hostile = Table(
        "public", name, columns=(ID, Column(name, 2, replace(TEXT, name=name))),
        constraints=(replace(KEY, name=name, columns=(name,)),),
    )  # fmt: skip
    lock = Effect(table, table=table, locks=("AccessExclusiveLock",), rewritten=True)
    changed = (
        Difference("column", f"{table}.{name}", name, None, table=table),
        Difference("column", f"{table}.{name}2", "text", f"{name}(5)", "type", table),
        Difference("constraint", f"{table}.{name}3", f"UNIQUE ({name}, x)", None, table=table),
        Difference("index", f"{name}4", f"ON {name} USING btree ({name}, id)", None, table=table),
        Difference("view", name, name, None),
        Difference("table", f"{table}5", name, None, table=f"{table}5"),
    )
    statements = (
        ran(f"ALTER TABLE {quoted} DROP COLUMN {quoted}", lock),
        ran(f'ALTER TABLE {quoted} ALTER COLUMN "{quoted[1:-1]}2" TYPE x', lock),
        ran(
            f"DROP VIEW x CASCADE -- {name}", notices=(Notice("00000", f"drop cascades to {name}"),)
        ),
        ran(f"DROP TABLE {quoted}", replace(lock, relation=f"{table}5", dropped=True)),
        ran(f"TRUNCATE {quoted} CASCADE", lock, replace(lock, relation=f"{table}6")),
    )
    chain_ = (hostile, foreign_key(f"{name}7", name), foreign_key(f"{name}8", f"{name}7"))
    return upgraded(*changed, by=statements, base_schema=Schema((hostile,)), schema=Schema(chain_))


def test_hostile_names_stay_in_their_code_spans() -> None:
    """Every policy speaks, and none puts a stranger's text where Markdown would read it."""
    seen = everything(HOSTILE)
    for policy in POLICIES:
        findings = said(policy, seen)
        assert findings, policy
        for finding in findings:
            for text in texts(finding):
                prose = "".join(each.text for each in pieces(text) if each.kind is Kind.PROSE)
                assert "evil" not in prose, (policy, text)


@given(st.text(min_size=1, max_size=8))
@settings(max_examples=30)
def test_every_finding_is_complete(name: str) -> None:
    """It has a place, a subject and a way out, whatever the names are."""
    for policy in POLICIES:
        for finding in said(policy, everything(name)):
            assert finding.line >= 1
            assert finding.path
            assert finding.subject
            assert finding.remedies
