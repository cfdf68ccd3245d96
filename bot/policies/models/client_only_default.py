"""A required column's default was given in Python alone.

SQLAlchemy fills it in; a script, a COPY, a colleague in psql or the release that runs meanwhile
does not, and its INSERT fails on NULL.

State the default for the server too.

Reference: https://docs.sqlalchemy.org/en/20/core/defaults.html#server-invoked-ddl-explicit-default-expressions
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.python.declared import Declared, declared
from bot.explain.python.rewritten import quoted, with_keyword
from bot.facts import Facts
from bot.facts.models import ModelColumn
from bot.facts.schema import by_search_path
from bot.policy import Finding, Remedy, Severity
from bot.source import Attribute
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "contract"
PRESETS = (4,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a column; keys may be the application's to give."""
    for model in declared(facts):
        for attribute, _ in model.attributes():
            column = model.column(attribute.name)
            old = model.base_column(attribute.name)
            if column is None or not _alone(column) or (old is not None and _alone(old)):
                continue
            if _in_database(model, column.name):
                continue
            yield model.finding(
                attribute,
                title=f"The default of {code(column.name)} is known to Python alone",
                message=f"An INSERT into {code(model.table.name)} that SQLAlchemy does not write"
                f" fails without a value for {code(column.name)}.",
                remedies=(_remedy(model, attribute, column),),
            )


def _alone(column: ModelColumn) -> bool:
    given = column.identity or column.computed or column.autoincrement
    required = not column.nullable and not column.primary_key and not given
    return required and column.default is not None and column.server_default is None


def _in_database(model: Declared, name: str) -> bool:
    """Whether a revision gave the column a default that the model does not state."""
    schema = model.project.schema or model.project.base_schema
    table = schema.table(model.table.name) if schema else None
    column = table.column(name) if table else None
    return column is not None and column.default is not None


def _remedy(model: Declared, attribute: Attribute, column: ModelColumn) -> Remedy:
    given = attribute.value.argument("default") if attribute.value else None
    value = given.value if given and given.kind == "constant" else None
    if column.type.startswith("TIMESTAMP") or column.type == "DATE":
        default, text = "func.now()", "sa.func.now()"
    elif column.type == "UUID":
        default = text = 'text("gen_random_uuid()")'
    elif isinstance(value, bool):
        default = text = f'text("{str(value).lower()}")'
    elif value is not None:
        default = text = quoted(str(value))
    else:
        return Remedy(
            "State it for the server too",
            f"Give {code(column.name)} a `server_default` whose SQL gives what the function gives,"
            " in the model and by `op.alter_column(…, server_default=…)` in the revision.",
        )
    schema, _, table = model.table.name.partition(".")
    where = "" if by_search_path(schema) else f', schema="{schema}"'
    operation = f'op.alter_column("{table}", "{column.name}", server_default={text}{where})'
    model_code = with_keyword(attribute, "server_default", default)
    return Remedy(
        "State it for the server too",
        f"In the model:\n\n{block(model_code, 'python')}\n\nIn the revision:\n\n"
        + block(operation, "python"),
    )
