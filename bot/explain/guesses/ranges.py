"""Which values a column's name promises, and which columns are the two ends of one range."""

from __future__ import annotations

from bot.explain.guesses.column_words import AMOUNTS, NUMBERS, QUANTITIES, SHARES, ends_with_word
from bot.facts.schema import Column, Table
from bot.sql import quoted
from bot.wording import code

_ENDS = (
    ("start", "end"), ("starts", "ends"), ("started", "ended"), ("begin", "end"),
    ("begins", "ends"), ("began", "ended"), ("from", "to"), ("from", "until"), ("opens", "closes"),
    ("opened", "closed"), ("check_in", "check_out"), ("min", "max"), ("lower", "upper"),
)  # fmt: skip


def limits(table: Table, column: Column) -> tuple[str, str] | None:
    """What a number's name promises, in a sentence, and the condition that keeps it; or None."""
    numeric = column.type.base in NUMBERS and not column.type.array and not column.identity
    keyed = any(column.name in key.columns for key in table.constraints if key.kind != "check")
    if not numeric or keyed:
        return None
    name = quoted(column.name)
    if ends_with_word(column.name, SHARES):
        most = 1 if column.name.endswith(("ratio", "probability", "confidence")) else 100
        return f"{code(column.name)} is a share", f"{name} BETWEEN 0 AND {most}"
    if ends_with_word(column.name, AMOUNTS):
        return f"{code(column.name)} is an amount", f"{name} >= 0"
    if ends_with_word(column.name, QUANTITIES):
        return f"{code(column.name)} is a quantity", f"{name} >= 0"
    return None


def started_by(table: Table, column: Column) -> Column | None:
    """The column that begins what this one ends, of the same type; None where there is none."""
    parts = column.name.split("_")
    for begin, end in _ENDS:
        joined = f"_{'_'.join(parts)}_"
        if f"_{end}_" in joined:
            name = joined.replace(f"_{end}_", f"_{begin}_", 1).strip("_")
            found = table.column(name)
            if found is not None and found.type.base == column.type.base:
                return found
    return None
