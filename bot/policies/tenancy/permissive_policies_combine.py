"""Several permissive policies of one table held for the same command.

PostgreSQL joins them with OR: a row is let through as soon as one of them is true. Each of them
looks like a lock and every further one is another key.

Make what must hold in any case RESTRICTIVE, or write one policy with all of it.

Reference: https://www.postgresql.org/docs/current/sql-createpolicy.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.explain.schema.new_objects import touched_tables
from bot.explain.schema.origin_objects import policy_made
from bot.explain.schema.row_security import (
    COMMANDS,
    applying,
    combined,
    compares,
    condition,
    overlap,
)
from bot.explain.schema.tenancy import tenancy
from bot.facts import Facts
from bot.facts.relation import RowPolicy
from bot.facts.schema import Table
from bot.policy import DEFAULTS, Finding, Options, Remedy, Severity
from bot.wording import block, code, several, verb

SEVERITY = Severity.WARN
PACK = "row-security"
PRESETS = (5,)
TOLD_BY = ("row-security-leaks",)  # which saw what comes of it


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each new policy that opens what others close, with the predicate."""
    for project in facts.projects:
        rules = tenancy(project, options)
        for table, before in touched_tables(project):
            column = rules.column if rules and rules.of(table) else None
            old = before.policies if before else ()
            for policy, others, commands in _opened(table, old, column):
                made = policy_made(project, table, policy)
                if made is None:
                    continue
                names = tuple(item.name for item in others)
                rule = combined((*others, policy), commands[0])
                yield made.finding(
                    table,
                    title=f"The policy {code(policy.name)} opens {code(table.full_name)} beside"
                    f" {several(names)}",
                    message=f"For {' and '.join(commands)} PostgreSQL joins {several(names)} and"
                    f" {code(policy.name)} with OR. What decides about a row of"
                    f" {code(table.full_name)} is\n\n{block(rule, 'sql')}",
                    subject=f"{table.full_name}.{policy.name}",
                    remedies=(
                        Remedy(
                            f"Make {code(policy.name)} restrictive",
                            f"`CREATE POLICY … AS RESTRICTIVE`: it is then joined with AND, and"
                            f" {several(names)} {verb(names, 'holds', 'hold')} in any case.",
                        ),
                        Remedy(
                            "Say in one policy what is meant",
                            trade_off="Right where the rows are to be seen by everybody: waive it"
                            " then, with the reason.",
                        ),
                    ),
                )


def _opened(
    table: Table, old: Sequence[RowPolicy], column: str | None
) -> Iterator[tuple[RowPolicy, list[RowPolicy], list[str]]]:
    """New policies with those that they widen, and the commands; each pair once."""
    told: set[frozenset[str]] = set()
    for policy in reversed(table.policies):
        beside: list[RowPolicy] = []
        commands = []
        for command in COMMANDS:
            found = applying(table, command)
            wider = [
                item
                for item in found
                if policy in found
                and item is not policy
                and frozenset((item.name, policy.name)) not in told
                and overlap(item, policy)
                and _differ(item, policy, command, column)
            ]
            if wider:
                commands.append(command)
                beside += [item for item in wider if item not in beside]
        if beside and any(item not in old for item in (policy, *beside)):
            later = _weaker([policy, *beside], column)
            others = [item for item in (policy, *beside) if item is not later]
            told |= {frozenset((later.name, item.name)) for item in others}
            yield later, others, commands


def _weaker(policies: list[RowPolicy], column: str | None) -> RowPolicy:
    """The one that does not compare the tenant, else the first."""
    rules = ((item, item.using or item.check) for item in policies)
    return next(
        (item for item, rule in rules if column and not compares(rule, column)), policies[0]
    )


def _differ(one: RowPolicy, other: RowPolicy, command: str, column: str | None) -> bool:
    """Whether their OR is weaker: not where both compare the tenant's column."""
    rules = condition(one, command), condition(other, command)
    if rules[0] == rules[1]:
        return False
    return not (column and all(compares(rule, column) for rule in rules))
