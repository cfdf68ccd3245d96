"""A new model's docstring named neither its relationships nor the column that isolates its rows.

Who may see a row is the first thing a reader of the class has to know, and the easiest to get
wrong: a query that forgets the column shows everybody's rows.

Name in the docstring what the model belongs to and by which column its rows are kept apart.

Reference: https://peps.python.org/pep-0257/
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.guesses.plurals import plural
from bot.explain.python.declared import Declared, new_classes
from bot.facts import Facts
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code, several, verb

SEVERITY = Severity.NOTE
PACK = "async-models"
PRESETS = (2,)
OPTIONS = {"columns": "names of columns that tell whose a row is"}
_COLUMNS = ("user_id", "tenant_id", "owner_id", "account_id", "organization_id", "org_id")


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding a class that has either; without a docstring it is `undocumented-model`'s."""
    names = options.of("docstring-omits-isolation", "columns", _COLUMNS)
    for model in new_classes(facts):
        isolating = [item.name for item in model.table.columns if item.name in names]
        related = [item.name for item in model.mapped.relationships]
        doc = model.source.doc
        if doc is None or not (isolating or related):
            continue
        if _words(doc) & _expected(model, isolating):
            continue
        belongs = ", ".join(item.target for item in model.mapped.relationships)
        text = doc.strip() + (f"\n\nBelongs with {belongs}." if belongs else "")
        text += f"\n\nRows are kept apart by {', '.join(isolating)}." if isolating else ""
        missing = [*isolating, *related]
        yield model.finding(
            model.source,
            title=f"The docstring of {code(model.source.name)} does not say whose its rows are",
            message=f"It {verb(missing, 'does not name', 'names none of')} {several(missing)}.",
            remedies=(Remedy("Say it", block(f'"""{text}\n"""', "python")),),
        )


def _expected(model: Declared, isolating: list[str]) -> frozenset[str]:
    """Words of which one is enough: columns, what they refer to, relationships, classes, tables."""
    found = set(isolating)
    for column in isolating:
        stem = column.removesuffix("_id")
        found |= {stem, plural(stem), f"{stem}'s"}
    for item in model.mapped.relationships:
        table = item.target_table.partition(".")[2]
        name = item.target.lower()
        found |= {item.name.lower(), name, plural(name), table.lower(), *item.local_columns}
    return frozenset(found)


def _words(doc: str) -> frozenset[str]:
    kept = "".join(char if char.isalnum() or char == "_" else " " for char in doc.lower())
    return frozenset(kept.split())
