"""Names for what has none, in complete code."""

from __future__ import annotations

from collections.abc import Sequence

from bot.explain.code.op_code import text
from bot.explain.names.conventions import KEYS, filled, patterns
from bot.explain.names.names import python_string
from bot.explain.names.naming import short
from bot.explain.schema.nameless import Nameless
from bot.facts import Project
from bot.facts.relation import Constraint, Index
from bot.policy import Remedy
from bot.wording import block

_CONVENTION = """\
metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)"""


def naming_remedies(project: Project, items: Sequence[Nameless]) -> tuple[Remedy, ...]:
    """A name for each of them, and a convention for all that follow."""
    lines = "\n".join(_named(project, item) for item in items)
    return (
        Remedy("Name them" if len(items) > 1 else "Name it", block(lines, "python")),
        Remedy(
            "Give the metadata a naming convention",
            f"Alembic then writes the names itself:\n\n{block(_CONVENTION, 'python')}",
            trade_off="What exists keeps its names: set them to what the convention says in a"
            " revision of its own, or autogenerate will find them different.",
        ),
    )


def name_for(project: Project, item: Nameless) -> str:
    """The name that the project's convention, or the catalogue's, gives to it."""
    stated = project.models.naming_convention if project.models else None
    key = KEYS.get(item.kind, "ix")
    found = patterns({}, stated).get(key) or patterns({}, None)[key]
    plain = found[-1] if key == "ix" else found[0]
    words = filled(plain, item.table, item.thing).replace(
        "…", "_".join(filter(None, item.thing.columns)) or "rule"
    )
    return short(words)


def _named(project: Project, item: Nameless) -> str:
    name, thing = python_string(name_for(project, item)), item.thing
    columns = ", ".join(python_string(column) for column in thing.columns if column)
    if isinstance(thing, Index):
        keys = [
            python_string(key.column) if key.column else text(key.expression or "")
            for key in thing.keys
        ]
        return f"op.create_index({name}, {python_string(item.table.name)}, [{', '.join(keys)}])"
    if item.kind == "primary key":
        return f"sa.PrimaryKeyConstraint({columns}, name={name}),"
    if item.kind == "unique":
        return f"sa.UniqueConstraint({columns}, name={name}),"
    if item.kind == "foreign key":
        return _foreign_key(thing, columns, name)
    definition = thing.definition.removeprefix("CHECK (").removesuffix(")")
    if definition.startswith("(") and definition.endswith(")") and definition.count("(") == 1:
        definition = definition[1:-1]
    return f"sa.CheckConstraint({python_string(definition)}, name={name}),"


def _foreign_key(key: Constraint, columns: str, name: str) -> str:
    target = (key.references or "").removeprefix("public.")
    referenced = ", ".join(python_string(f"{target}.{column}") for column in key.referenced)
    return f"sa.ForeignKeyConstraint([{columns}], [{referenced}], name={name}),"
