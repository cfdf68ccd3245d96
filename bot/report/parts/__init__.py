"""Parts of the report that standards ask for besides the verdict (setting ``report-parts``). Pure.

Each is a function from the verdict to Markdown, "" where it has nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.report.parts.after import back_up, follow_up, verification
from bot.report.parts.indexes import indexes
from bot.report.parts.made import models
from bot.report.parts.path import migration_path, summary
from bot.report.parts.relations import diagrams, relationships
from bot.report.parts.usage import usage_example
from bot.verdict import Verdict

_MOST = 12_000  # characters of one part


@dataclass(frozen=True)
class Part:
    """One part: its name in the settings, its heading, its Markdown.

    ``diagrams`` are in Mermaid's language; every name in them is a harmless text.
    """

    name: str
    title: str
    text: str
    diagrams: tuple[str, ...] = ()


_KNOWN: dict[str, tuple[str, Callable[[Verdict], str]]] = {
    "summary": ("What the change does", summary),
    "models": ("Models created and modified", models),
    "relationships": ("Relationships", relationships),
    "migration-path": ("Migration path", migration_path),
    "indexes": ("Index recommendations", indexes),
    "usage-example": ("Usage example", usage_example),
    "back-up": ("What to back up", back_up),
    "verification": ("What to verify after applying it", verification),
    "follow-up": ("Follow-up", follow_up),
}


def parts(verdict: Verdict) -> Iterator[Part]:
    """The parts that the verdict's report is to have, in the order of the settings' reference."""
    for name, (title, write) in _KNOWN.items():
        if name in verdict.report_parts and verdict.facts.projects:
            text = write(verdict)
            if text and len(text) <= _MOST:
                drawn = diagrams(verdict) if name == "relationships" else ()
                yield Part(name, title, text, drawn)
            elif text:
                yield Part(name, title, "More than a report can hold; the JSON report tells it.")
