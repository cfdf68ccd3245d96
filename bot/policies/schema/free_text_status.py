"""A new column for a state took any text.

`active`, `Active` and `actve` are three states to the database, and no reader of the schema learns
which there are.

List the values: an enum, a CHECK, or a table that it refers to.

Reference: https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-CHECK-CONSTRAINTS
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.code.alembic_code import create_check
from bot.explain.guesses.column_words import STATES, ends_with_word, is_text
from bot.explain.guesses.references import is_reference
from bot.explain.names.naming import constraint_name
from bot.explain.schema.new_objects import new_columns
from bot.explain.schema.origin import column_made
from bot.facts import Facts
from bot.facts.schema import Column, Table
from bot.policy import DEFAULTS, Confidence, Finding, Options, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "contract"
PRESETS = (5,)
OPTIONS = {"columns": "words that end the names of such columns"}

# Kinds that somebody else names: no list of ours can be complete.
_FOREIGN = ("content_type", "mime_type", "media_type", "file_type", "token_type", "user_type_name")


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each column."""
    words = tuple(map(str, options.of("free-text-status", "columns", [*STATES])))
    for project in facts.projects:
        for new in new_columns(project):
            column, table = new.thing, new.table
            if new.before is not None or not _free(table, column, words):
                continue
            made = column_made(project, new)
            if made is None:
                continue
            name = constraint_name("ck", table, column.name)
            text = create_check(table, name, f"{column.name} IN ('<first>', '<second>')")
            yield made.finding(
                table,
                title=f"{code(column.name)} of {code(table.full_name)} takes any text",
                message=f"No CHECK, enum or foreign key says which values {code(column.name)} can"
                " have. That it has a fixed list is told by its name; the code that sets it would"
                " make it certain.",
                subject=f"{table.full_name}.{column.name}",
                column=column.name,
                confidence=Confidence.LIKELY,
                remedies=(
                    Remedy(
                        "List the values in a CHECK",
                        block(text, "python"),
                        trade_off="One more value takes a migration, as with an enum; a CHECK can"
                        " also lose one.",
                    ),
                ),
            )


def _free(table: Table, column: Column, words: tuple[str, ...]) -> bool:
    called = ends_with_word(column.name, words) and not column.name.endswith(_FOREIGN)
    stem, _, last = column.name.rpartition("_")
    polymorphic = last in ("type", "kind") and table.column(f"{stem}_id") is not None
    ruled = any(
        item.kind in ("check", "exclude") and column.name in item.columns
        for item in table.constraints
    )
    open_text = is_text(column.type) and column.type.domain is None and column.generated is None
    return (
        called
        and open_text
        and not ruled
        and not polymorphic
        and not is_reference(table, column.name)
    )
