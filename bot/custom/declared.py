"""Policies that a team declares in its configuration, judged without any code of theirs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from bot.explain.schema.new_objects import New, new_columns, new_tables
from bot.explain.schema.origin import Origin, column_made, table_made
from bot.facts import Facts, Project
from bot.facts.data_types import DataType
from bot.facts.schema import Column, Table
from bot.policy import Finding, Policy, Severity
from bot.settings import Rule
from bot.wording import code, prose, several

GROUP = "custom"
PACK = "own"


def declared_policy(rule: Rule) -> Policy:
    """The rule as a policy."""
    reason = prose(rule.message) if rule.message else "The team has decided so."
    return Policy(
        id=rule.id,
        group=GROUP,
        severity=Severity(rule.severity),
        pack=PACK,
        presets=(),
        seen=f"Something new did not keep to the team's own rule {code(rule.name)}.",
        why=reason,
        instead="Keep to it, or change the rule in a pull request of its own.",
        references=(),
        check=lambda facts: _check(rule, facts),
    )


def _check(rule: Rule, facts: Facts) -> Iterator[Finding]:
    for project in facts.projects:
        for table in new_tables(project):
            if _concerns(rule, table):
                yield from _table(rule, project, table)
        for new in new_columns(project):
            if _concerns(rule, new.table):
                yield from _column(rule, project, new)


def _concerns(rule: Rule, table: Table) -> bool:
    def named(patterns: tuple[str, ...]) -> bool:
        names = (table.full_name, table.name)
        return any(fnmatchcase(name, pattern) for pattern in patterns for name in names)

    return (not rule.tables or named(rule.tables)) and not named(rule.exempt)


def _table(rule: Rule, project: Project, table: Table) -> Iterator[Finding]:
    made = table_made(project, table)
    if made is None:
        return
    lacking = [name for name in rule.required_columns if table.column(name) is None]
    if lacking:
        yield _finding(
            rule,
            made,
            table,
            f"{code(table.full_name)} has no {several(lacking)}",
            f"{code(made.revision.revision)} creates {code(table.full_name)} without"
            f" {several(lacking)}, which the rule {code(rule.name)} wants of every new table.",
        )
    if rule.table_names and not re.fullmatch(rule.table_names, table.name):
        yield _finding(
            rule,
            made,
            table,
            f"{code(table.full_name)} is not named as {code(rule.name)} wants",
            f"The rule wants names of tables to match {code(rule.table_names)}.",
        )


def _column(rule: Rule, project: Project, new: New[Column]) -> Iterator[Finding]:
    column, table = new.thing, new.table
    place = code(f"{table.full_name}.{column.name}")
    bad = [name for name in rule.forbidden_types if _is(column.type, name)]
    had = bad and new.before is not None and _is(new.before.type, bad[0])
    misnamed = (
        new.before is None
        and rule.column_names is not None
        and not re.fullmatch(rule.column_names, column.name)
    )
    made = column_made(project, new) if (bad and not had) or misnamed else None
    if made is None:
        return
    if bad and not had:
        yield _finding(
            rule,
            made,
            table,
            f"{place} has the type {code(column.type.name)}",
            f"The rule {code(rule.name)} forbids {several(bad)}.",
            column.name,
        )
    if misnamed:
        yield _finding(
            rule,
            made,
            table,
            f"{place} is not named as {code(rule.name)} wants",
            f"The rule wants names of columns to match {code(rule.column_names or '')}.",
            column.name,
        )


def _is(kind: DataType, name: str) -> bool:
    """Whether the type is meant by that name, with or without its modifier, schema and array."""
    bare = kind.base.rpartition(".")[2] if kind.kind != "base" or "." in kind.base else kind.base
    return name.lower() in {kind.name, kind.base, bare, kind.domain or kind.name}


def _finding(
    rule: Rule, made: Origin, table: Table, title: str, message: str, column: str | None = None
) -> Finding:
    own = f" The team's reason: {prose(rule.message)}" if rule.message else ""
    return made.finding(
        table,
        title=title,
        message=message + own,
        subject=f"{table.full_name}.{column}" if column else table.full_name,
        remedies=(),
        column=column,
    )
