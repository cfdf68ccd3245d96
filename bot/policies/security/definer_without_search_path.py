"""A SECURITY DEFINER function had no search path of its own.

It runs with the rights of its owner and looks names up on the path of its caller. Who can create a
table or an operator in a schema of that path, pg_temp included, decides what the function calls.

Give it a fixed path, with `pg_temp` last.

Reference: https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.names.names import execute, sql_name
from bot.explain.schema.origin_objects import found_at, function_made, new_functions
from bot.facts import Facts
from bot.facts.schema import Function
from bot.policy import Finding, Remedy, Severity
from bot.wording import block, code

SEVERITY = Severity.WARN
PRESETS = (5,)


def check(facts: Facts) -> Iterator[Finding]:
    """One finding for each function that is new, or newly so."""
    for project in facts.projects:
        for function, before in new_functions(project):
            made = function_made(project, function) if _exposed(function) else None
            if made is None or (before is not None and _exposed(before)):
                continue
            schema = function.signature.partition(".")[0]
            path = "pg_catalog, pg_temp" if schema == "" else f"pg_catalog, {schema}, pg_temp"
            word = function.kind.upper()
            text = execute(f"ALTER {word} {sql_name(function.signature)} SET search_path = {path}")
            yield found_at(
                made,
                title=f"{code(function.signature)} runs as its owner on the caller's search path",
                message=f"{code(function.signature)} is SECURITY DEFINER and does not set"
                " `search_path`: what a name in it means is decided by whoever calls it.",
                subject=function.signature,
                remedies=(Remedy("Fix the path", block(text, "python")),),
            )


def _exposed(function: Function) -> bool:
    fixed = any(each.lower().startswith("search_path=") for each in function.settings)
    atomic = function.language == "sql" and "BEGIN ATOMIC" in function.definition
    return function.security_definer and not fixed and not atomic
