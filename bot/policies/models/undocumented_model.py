"""A new model had no docstring.

Its columns tell what is stored, not what a row means, who writes it and when it goes; whoever adds
the next table has to guess, and guesses differently.

Say in a docstring what one row is, and whose.

Reference: https://peps.python.org/pep-0257/
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.python.declared import new_classes
from bot.facts import Facts
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "async-models"
PRESETS = (2, 4)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding a new mapped class."""
    for model in new_classes(facts):
        if model.source.doc is not None and model.source.doc.strip():
            continue
        bases = ", ".join(item.rpartition(".")[2] for item in model.source.bases)
        others = ", ".join(item.target for item in model.mapped.relationships)
        about = f" It belongs with {others}." if others else ""
        text = f'class {model.source.name}({bases}):\n    """What one row is, and whose.{about}"""'
        yield model.finding(
            model.source,
            title=f"{code(model.source.name)} has no docstring",
            message=f"Nothing says what a row of {code(model.table.name)} stands for.",
            remedies=(Remedy("Say what one row is", block(text, "python")),),
        )
