"""A new table lacked the audit trigger that its siblings have.

Changes to its rows leave no trace, and the gap shows when somebody asks for them.

Create the trigger with the table.

Reference: https://www.postgresql.org/docs/current/sql-createtrigger.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.names.names import execute, sql_name
from bot.explain.schema.new_objects import new_tables
from bot.explain.schema.origin import table_made
from bot.facts import Facts, Project
from bot.facts.relation import Trigger
from bot.facts.schema import Table
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.sql import quoted
from bot.wording import block, code

SEVERITY = Severity.NOTE
PACK = "contract"
PRESETS = (5,)
OPTIONS = {
    "audit-trigger": "the function (`schema.name`) or the name of the trigger that audits",
    "exempt": "tables (`schema.name`) that need no audit",
}

_SIBLINGS = 3  # tables that all have it make it a rule


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each table without the stated trigger, or without the one all others have."""
    stated = options.of("missing-audit-trigger", "audit-trigger", "")
    exempt = options.of("missing-audit-trigger", "exempt", [""])
    for project in facts.projects:
        for table in new_tables(project):
            wanted = _wanted(project, table, stated)
            has = wanted and any(_is(trigger, wanted.function) for trigger in table.triggers)
            made = table_made(project, table) if wanted and not has else None
            if made is None or wanted is None or table.full_name in exempt:
                continue
            events = " OR ".join(wanted.events) or "INSERT OR UPDATE OR DELETE"
            each = "ROW" if wanted.for_each_row else "STATEMENT"
            text = execute(
                f"CREATE TRIGGER {quoted(wanted.name)} {wanted.timing} {events}"
                f" ON {sql_name(table.full_name)}\n"
                f"    FOR EACH {each} EXECUTE FUNCTION {sql_name(wanted.function)}()"
            )
            yield made.finding(
                table,
                title=f"{code(table.full_name)} is not audited",
                message=f"{code(wanted.function)} is called by a trigger of every other table of"
                f" {code(table.schema)}, and by none of {code(table.full_name)}."
                if not stated
                else f"No trigger of {code(table.full_name)} calls {code(stated)}.",
                subject=table.full_name,
                remedies=(Remedy("Create the trigger", block(text, "python")),),
            )


def _wanted(project: Project, table: Table, stated: str) -> Trigger | None:
    """The trigger that is stated, or the one that every sibling has and that is about auditing."""
    base = project.base_schema.tables if project.base_schema else ()
    siblings = [item for item in base if item.schema == table.schema and item.partition_of is None]
    found = [trigger for item in siblings for trigger in item.triggers if not trigger.inherited]
    if stated:
        known = (trigger for trigger in found if _is(trigger, stated))
        return next(known, Trigger("audit", "AFTER", (), stated, ""))
    for trigger in found if len(siblings) >= _SIBLINGS else ():
        everywhere = all(any(_is(t, trigger.function) for t in s.triggers) for s in siblings)
        if everywhere and "audit" in f"{trigger.function} {trigger.name}".lower():
            return trigger
    return None


def _is(trigger: Trigger, called: str) -> bool:
    bare = trigger.function.partition(".")[2]
    return called in (trigger.function, bare, trigger.name)
