"""A name was longer than 63 bytes, and PostgreSQL cut it.

What is asked for by its whole name later works by chance: the server cuts that too, but Alembic,
the models and every comparison by name do not. Two names with the same beginning become one.

Choose a shorter name, or let a naming convention shorten it the same way everywhere.

Reference: https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.explain.history.revisions import present
from bot.explain.names.naming import LONGEST, short
from bot.explain.schema.existing import names_at_base
from bot.facts import ChangedRevision, Facts, Project, Statement
from bot.policy import Confidence, Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.BLOCK
PRESETS = (5,)

_NAME_TOO_LONG = "42622"  # PostgreSQL docs, Appendix A
_NAMES = re.compile(r'"(.*)"\D*"(.*)"', re.DOTALL)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each name that the server said it would cut, where it was first used."""
    for project in facts.projects:
        cut = [each for item in present(project) for each in _cut(item)]
        known = names_at_base(project) if cut else frozenset()
        for item, statement, written, kept in cut:
            if kept not in known:
                yield _finding(project, item, statement, written, kept)


def _cut(item: ChangedRevision) -> Iterator[tuple[ChangedRevision, Statement, str, str]]:
    """Each name as it was written and as it was kept, once."""
    seen: set[str] = set()
    for statement in item.round_trip.upgrade.statements:
        for notice in statement.notices:
            match = _NAMES.search(notice.message) if notice.sqlstate == _NAME_TOO_LONG else None
            if match and match[1] not in seen:
                seen.add(match[1])
                yield item, statement, match[1], match[2]


def _finding(
    project: Project, item: ChangedRevision, statement: Statement, written: str, cut: str
) -> Finding:
    own = statement.line > 0
    return Finding(
        path=statement.path if own else item.path,
        line=statement.line if own else item.anchors.upgrade,
        title=f"{code(written)} is cut to {LONGEST} bytes",
        message=f"PostgreSQL keeps {LONGEST} bytes of a name, so {code(written)}"
        f" ({len(written.encode())} bytes) is called {code(cut)} in the database.",
        subject=written,
        confidence=Confidence.OBSERVED,
        project=project.config,
        revision=item.revision,
        remedies=(
            Remedy(
                "Write a name that fits",
                f"Instead of {code(written)}, in `upgrade()`, in `downgrade()` and in the model:"
                f"\n\n{block(short(written))}",
            ),
        ),
    )
