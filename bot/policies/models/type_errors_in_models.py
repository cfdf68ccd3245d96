"""The project's own type checker had new errors in changed model files.

Everything that uses the models is checked against them: an error in the model is an error, or a
hole, at every place that reads the attribute.

Correct what the checker names. It is the one that the project configures, mypy or pyright, as it is
installed with the project's own dependencies.

Reference: https://mypy.readthedocs.io/en/stable/error_codes.html
https://microsoft.github.io/pyright/#/configuration
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.facts import Facts
from bot.facts.type_check import TypeComplaint
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code, prose

SEVERITY = Severity.WARN
PACK = "typing"
PRESETS = (1, 4)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding an error; of projects that share a file the first speaks."""
    seen: set[tuple[str, int, str]] = set()
    for project in facts.projects:
        for item in project.type_errors:
            if (item.path, item.line, item.message) in seen:
                continue
            seen.add((item.path, item.line, item.message))
            line = _line(facts, item)
            mark = "pyright" if item.checker == "pyright" else "type"
            ignored = f"{line}  # {mark}: ignore[{item.code}]  # why" if item.code and line else ""
            yield Finding(
                path=item.path,
                line=max(item.line, 1),
                title=f"{item.checker} has a new error ({code(item.code or 'error')})",
                message=prose(item.message),
                subject=f"{item.path} {item.code} {item.message}",
                confidence=Confidence.OBSERVED,
                project=project.config,
                remedies=(
                    Remedy(
                        "Correct it",
                        f"Run `{item.checker}` with the project's configuration to see it in its"
                        " place."
                        + (
                            f" Where the checker is wrong, say why:\n\n{block(ignored, 'python')}"
                            if ignored
                            else ""
                        ),
                    ),
                ),
            )


def _line(facts: Facts, item: TypeComplaint) -> str:
    """The line that the checker names, "" where its text is not there."""
    source = facts.source(item.path)
    lines = (source.head or "").splitlines() if source else []
    return lines[item.line - 1].strip() if 0 < item.line <= len(lines) else ""
