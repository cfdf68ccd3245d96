"""Nothing maintained a new `updated_at`.

It keeps the time of the INSERT, or NULL, and looks as if it told the last change: caches, syncs and
people that ask what changed since yesterday are answered wrongly.

Give the column an `onupdate`, or the table a trigger that sets it for every writer.

Reference: https://docs.sqlalchemy.org/en/20/core/defaults.html#python-executed-functions
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.python.declared import Declared, declared
from bot.explain.python.rewritten import with_keyword
from bot.facts import Facts
from bot.facts.models import ModelColumn
from bot.policy import DEFAULTS, Confidence, Finding, Options, Remedy, Severity
from bot.source import Attribute, ClassSource
from bot.wording import block, code

SEVERITY = Severity.WARN
PACK = "contract"
PRESETS = (3, 5)
OPTIONS = {"columns": "names of columns that tell when a row was last changed"}
_COLUMNS = ("updated_at", "modified_at", "updated_on", "modified_on", "last_updated_at")


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding a column of a new attribute, or of a new class that has it from a mixin."""
    names = options.of("stale-updated-at", "columns", _COLUMNS)
    for model in declared(facts):
        for place, column in _new(model):
            if column.name not in names or column.computed or _maintained(column):
                continue
            old = model.base_table.column(column.name) if model.base_table else None
            triggers = _triggers(model)
            if triggers or (old is not None and not _maintained(old)):
                continue
            empty = column.nullable and column.default is None and column.server_default is None
            unseen = (
                "A listener for `before_update` elsewhere would be as good; that there is none"
                " would make it certain."
                if triggers is not None
                else "A trigger of the table would be as good: this change runs no revision, so"
                " its triggers were not seen; that there is none would make it certain."
            )
            told = "stays NULL" if empty else "keeps the time of the INSERT"
            yield model.finding(
                place,
                title=f"Nothing maintains {code(model.table.name + '.' + column.name)}",
                message=f"Its column has no `onupdate` and the table no trigger for UPDATE that was"
                f" seen: it {told}. {unseen}",
                confidence=Confidence.LIKELY,
                remedies=_remedies(model, place, column),
            )


def _new(model: Declared) -> Iterator[tuple[Attribute | ClassSource, ModelColumn]]:
    own = {item.name for item in model.source.attributes}
    for attribute, _ in model.attributes():
        column = model.column(attribute.name)
        if column is not None:
            yield attribute, column
    if model.before is None:
        for column in model.table.columns:
            if column.attribute is not None and column.attribute not in own:
                yield model.source, column


def _maintained(column: ModelColumn) -> bool:
    return column.onupdate is not None or column.server_onupdate


def _triggers(model: Declared) -> bool | None:
    """Whether the table has a trigger that may set it; None where its triggers were not seen."""
    schema = model.project.schema or model.project.base_schema
    table = schema.table(model.table.name) if schema else None
    if table is None:
        return None
    return any(
        item.timing == "BEFORE" and "UPDATE" in item.events and item.enabled
        for item in table.triggers
    )


def _remedies(
    model: Declared, place: Attribute | ClassSource, column: ModelColumn
) -> tuple[Remedy, ...]:
    name = column.name
    if isinstance(place, Attribute):
        stated = with_keyword(place, "onupdate", "func.now()")
    else:
        stated = (
            f"{column.attribute}: Mapped[datetime] = mapped_column(DateTime(timezone=True),"
            " server_default=func.now(), onupdate=func.now())"
        )
    trigger = (
        'op.execute("""\n'
        f"CREATE FUNCTION set_{name}() RETURNS trigger\n"
        "LANGUAGE plpgsql SET search_path = '' AS $$\n"
        f"BEGIN\n    NEW.{name} := pg_catalog.now();\n    RETURN NEW;\nEND $$\n"
        '""")\n'
        'op.execute("""\n'
        f"CREATE TRIGGER set_{name} BEFORE UPDATE ON {model.table.name}\n"
        f"FOR EACH ROW EXECUTE FUNCTION set_{name}()\n"
        '""")'
    )
    return (
        Remedy(
            "Let SQLAlchemy set it",
            block(stated, "python"),
            trade_off="Writers that do not go through SQLAlchemy leave it as it is.",
        ),
        Remedy("Let the database set it", block(trigger, "python")),
    )
