"""A policy let rows be written that it would not let be read.

USING says which rows are seen; what may be written is decided by WITH CHECK, and by USING only
where there is no WITH CHECK. With a weaker one, a tenant adds rows to another, or gives its own
away.

Leave WITH CHECK out, or compare the same in it.

Reference: https://www.postgresql.org/docs/current/sql-createpolicy.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.schema.new_objects import touched_tables
from bot.explain.schema.origin_objects import policy_made
from bot.explain.schema.row_security import always, check_writes, compares, written
from bot.explain.schema.tenancy import tenancy
from bot.facts import Facts
from bot.facts.relation import RowPolicy
from bot.policy import DEFAULTS, Finding, Options, Severity
from bot.wording import code

SEVERITY = Severity.WARN
PACK = "row-security"
PRESETS = (5,)
TOLD_BY = ("row-security-leaks",)  # which saw what comes of it


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each new policy; those of an administrator's role are left alone."""
    for project in facts.projects:
        rules = tenancy(project, options)
        for table, before in touched_tables(project):
            column = rules.column if rules and rules.of(table) else None
            for policy in table.policies:
                if before and policy in before.policies:
                    continue
                if not policy.permissive or not _lets_through(policy, column):
                    continue
                made = policy_made(project, table, policy)
                if made is None:
                    continue
                yield made.finding(
                    table,
                    title=f"The policy {code(policy.name)} checks nothing that is written",
                    message=f"{code(policy.name)} lets {_who(policy)} write"
                    f" {code(written(policy) or 'true')} into {code(table.full_name)}: rows of"
                    f" any {code(column or 'owner')}.",
                    subject=f"{table.full_name}.{policy.name}",
                    remedies=(check_writes(table, policy),),
                )


def _lets_through(policy: RowPolicy, column: str | None) -> bool:
    rule = written(policy)
    if rule is None or (always(rule) and "PUBLIC" not in policy.roles):
        return False
    if always(rule):
        return True
    seen = policy.check is not None and compares(policy.using, column or "")
    return column is not None and seen and not compares(policy.check, column)


def _who(policy: RowPolicy) -> str:
    return "everybody" if "PUBLIC" in policy.roles else ", ".join(map(code, policy.roles))
