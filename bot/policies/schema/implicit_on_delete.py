"""A foreign key did not say what happens when the parent is deleted.

Without ON DELETE the delete fails as long as there are children. Often that is right; whether it
was meant or forgotten cannot be seen.

Say it, RESTRICT or NO ACTION included.

Reference: https://www.postgresql.org/docs/current/ddl-constraints.html#DDL-CONSTRAINTS-FK
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.remedies.foreign_key import foreign_key_remedy
from bot.explain.schema.new_objects import new_constraints
from bot.explain.schema.origin import constraint_made, written_constraint
from bot.facts import Facts
from bot.policy import DEFAULTS, Confidence, Finding, Options, Severity
from bot.wording import code, several

SEVERITY = Severity.BLOCK
PACK = "contract"
PRESETS = (1, 2, 4, 5)
OPTIONS = {"allowed": 'the actions that may be stated, such as ["CASCADE", "RESTRICT"]'}

_ALL = ["RESTRICT", "CASCADE", "SET NULL", "NO ACTION", "SET DEFAULT"]


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each new key that states nothing, or what is not allowed."""
    allowed = [str(each).upper() for each in options.of("implicit-on-delete", "allowed", _ALL)]
    for project in facts.projects:
        for new in new_constraints(project, "foreign key"):
            made = constraint_made(project, new)
            if made is None:
                continue
            written = written_constraint(made, new)
            key, silent = new.thing, new.thing.on_delete == "NO ACTION"
            stated = written is not None and written.on_delete is not None
            if (stated or not silent) and key.on_delete in allowed:
                continue
            name, own, parent = map(code, (key.name, new.table.full_name, key.references or ""))
            if stated or not silent:
                title = f"{name} is {code(f'ON DELETE {key.on_delete}')}, which is not allowed here"
                told = f"The configuration allows {several(allowed)}."
            else:
                title = (
                    f"{name} does not say what becomes of {own} when a row of {parent} is deleted"
                )
                told = (
                    f"PostgreSQL then refuses to delete it as long as a row of {own} refers to it."
                )
            unsure = (
                " The statement that made it could not be read; `ON DELETE NO ACTION` written out"
                " in it would be enough."
            )
            yield made.finding(
                new.table,
                title=title,
                message=told + (unsure if written is None and silent else ""),
                subject=f"{new.table.full_name}.{key.name}",
                confidence=Confidence.CERTAIN if written or not silent else Confidence.LIKELY,
                remedies=foreign_key_remedy(
                    made, new, *(each for each in _ALL[:3] if each in allowed)
                ),
            )
