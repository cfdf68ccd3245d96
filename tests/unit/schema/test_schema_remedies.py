"""Remedies speak as the rest of the project does, and do what they say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.explain.code.batches import in_batches
from bot.facts import Facts
from bot.facts.data_types import DataType
from bot.facts.schema import Table
from bot.policy import Finding, policies
from bot.sql import pieces
from tests.unit.schema.schemas import BIGINT, column, foreign, index, key, project, table

Tables = tuple[Table, ...]
UUID = DataType("uuid", "uuid", category="U")
BOOLEAN = DataType("boolean", "boolean", category="B")


def said(policy: str, base: Tables, head: Tables, *sql: str) -> list[Finding]:
    """What the policy says of these schemas."""
    (asked,) = (item for item in policies() if item.id == policy)
    return list(asked.look(Facts("b" * 40, "h" * 40, projects=(project(base, head, *sql),))))


def remedy(findings: list[Finding]) -> str:
    """The code of the one finding's first remedy."""
    (finding,) = findings
    return finding.remedies[0].text


@pytest.mark.parametrize(
    ("kind", "wanted"), [(BIGINT, "sa.Identity()"), (UUID, "sa.func.gen_random_uuid()")]
)
def test_new_key_is_of_the_kind_that_the_others_are(kind: DataType, wanted: str) -> None:
    """A project whose keys are UUIDs is offered no number."""
    people = table("people", column("id", kind), key("id"))
    notes = table("notes", column("body"))
    found = said("table-without-primary-key", (people,), (people, notes))
    assert wanted in remedy(found)


def test_index_of_soft_deletion_is_named_as_the_others_are() -> None:
    """Where indexes are called ``idx_…``."""
    people = table("people", column("name"), index("idx_people_name", "name"))
    notes = table("notes", column("is_deleted", BOOLEAN))
    found = said("half-soft-delete", (people,), (people, notes))
    assert '"idx_notes_alive"' in remedy(found)


def test_schema_of_a_referenced_table_is_named_where_that_is_the_matter() -> None:
    """Also ``public``, which is left out elsewhere."""
    tenants = table("tenants", column("id", BIGINT), key("id"))
    plain = table(
        "costs", column("tenant_id", BIGINT), foreign("fk", "public.tenants", "tenant_id")
    )
    costs: Table = replace(plain, schema="billing")
    sql = (
        "CREATE TABLE billing.costs (tenant_id bigint,"
        " CONSTRAINT fk FOREIGN KEY (tenant_id) REFERENCES tenants (id) ON DELETE RESTRICT)"
    )
    found = said("unqualified-cross-schema-key", (tenants,), (tenants, costs), sql)
    text = remedy(found)
    assert 'referent_schema="public"' in text
    assert 'ondelete="RESTRICT"' in text


@pytest.mark.parametrize(
    ("kind", "after", "last"),
    [
        (BIGINT, "id > :last ", "SELECT max(id) FROM"),
        (UUID, "id > CAST(:last AS uuid) ", "SELECT CAST(max(CAST(id AS text)) AS uuid) FROM"),
    ],
)
def test_batches_go_by_a_key_that_every_release_can_compare(
    kind: DataType, after: str, last: str
) -> None:
    """``max(uuid)`` came with PostgreSQL 18."""
    notes = table("notes", column("id", kind), column("body"), key("id"))
    (piece,) = pieces("UPDATE notes SET body = '' WHERE body IS NULL")
    seen = project((notes,), (notes,))
    text = in_batches(seen, "public.notes", piece.modifies[0], "UPDATE notes SET body = ''")
    assert after in text
    assert last in text
