"""A relationship deletes what the database protects or lets go.

The ORM loads every child and deletes it row by row, and only where the ORM deletes: the same
DELETE by a script or in psql is refused, or leaves rows without their parent.

State one rule in both: `ON DELETE CASCADE` with `passive_deletes=True`, or no delete cascade.

Reference: https://docs.sqlalchemy.org/en/20/orm/cascades.html#using-foreign-key-on-delete-cascade-with-orm-relationships
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.python.declared import Declared, declared
from bot.explain.python.rewritten import with_keyword
from bot.facts import Facts
from bot.facts.models import ModelConstraint, Models, Relationship
from bot.facts.schema import by_search_path
from bot.policy import Finding, Remedy, Severity
from bot.source import Attribute
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "contract"
PRESETS = (4,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a relationship from the parent to rows with a foreign key of their own."""
    for model in declared(facts):
        for attribute, _ in model.attributes():
            found = model.relationship(attribute.name)
            key = _other_rule(model.models, model.table.name, found) if found else None
            if found is None or key is None:
                continue
            old = model.base_relationship(attribute.name)
            base = model.project.base_models
            if old and base and _other_rule(base, model.table.name, old):
                continue
            rule = (key.on_delete or "no action").upper()
            yield model.finding(
                attribute,
                title=f"{code(model.source.name + '.' + found.name)} cascades a delete that"
                f" {code(found.target_table)} does not",
                message=f"The ORM deletes the rows of {code(found.target_table)}; the foreign key"
                f" on {code(', '.join(key.columns))} says {code('ON DELETE ' + rule)}.",
                remedies=_remedies(model, attribute, found, key),
            )


def _other_rule(models: Models, table: str, found: Relationship) -> ModelConstraint | None:
    """The foreign key behind a deleting relationship, where it has another rule; else None."""
    if found.direction != "ONETOMANY" or "delete" not in found.cascade or found.viewonly:
        return None
    child = models.table(found.target_table)
    for key in child.constraints if child else ():
        along = key.kind == "foreign" and set(key.columns) == set(found.remote_columns)
        if along and all(item.rpartition(".")[0] == table for item in key.references):
            return None if (key.on_delete or "").upper() == "CASCADE" else key
    return None


def _name(model: Declared, table: str, key: ModelConstraint) -> str:
    """What the database calls it; as PostgreSQL calls those that nobody named where unseen."""
    schema = model.project.schema or model.project.base_schema
    known = schema.table(table) if schema else None
    for item in known.foreign_keys if known else ():
        if item.columns == key.columns:
            return item.name
    return f"{table.partition('.')[2]}_{'_'.join(key.columns)}_fkey"


def _remedies(
    model: Declared, attribute: Attribute, found: Relationship, key: ModelConstraint
) -> tuple[Remedy, ...]:
    schema, _, table = found.target_table.partition(".")
    parent_schema, _, parent = model.table.name.partition(".")
    where = "" if by_search_path(schema) else f', source_schema="{schema}"'
    where += "" if by_search_path(parent_schema) else f', referent_schema="{parent_schema}"'
    drop = "" if by_search_path(schema) else f', schema="{schema}"'
    name = key.name or _name(model, found.target_table, key)
    local = [f'"{item}"' for item in key.columns]
    remote = [f'"{item.rpartition(".")[2]}"' for item in key.references]
    operations = (
        f'op.drop_constraint("{name}", "{table}", type_="foreignkey"{drop})\n'
        f'op.create_foreign_key("{name}", "{table}", "{parent}", [{", ".join(local)}],'
        f' [{", ".join(remote)}], ondelete="CASCADE"{where}, postgresql_not_valid=True)\n'
        f'# in a later revision: op.execute("ALTER TABLE {found.target_table}'
        f' VALIDATE CONSTRAINT {name}")'
    )
    both = with_keyword(attribute, "passive_deletes", "True")
    return (
        Remedy(
            "Let the database cascade",
            f'In the model, with `ondelete="CASCADE"` on its foreign key:\n\n'
            f"{block(both, 'python')}\n\nIn the revision:\n\n{block(operations, 'python')}",
            trade_off="Whoever deletes the parent deletes its rows, by whatever client.",
        ),
        Remedy(
            "Let nobody cascade",
            block(with_keyword(attribute, "cascade", None), "python"),
            trade_off="The application deletes the rows itself before it deletes their parent.",
        ),
    )
