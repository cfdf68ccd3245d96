"""What can be done about a refusal: other values, another value of a type, triggers off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.facts.data_types import DataType
from bot.facts.relation import Constraint
from bot.observe.rows.maker import Known, Wanted
from bot.observe.rows.plan import Planned, TablePlan
from bot.observe.rows.rule import ANYTHING, Rule
from bot.observe.rows.solve import passing
from bot.observe.rows.target import Target
from bot.observe.rows.tokens import with_value
from bot.observe.rows.values import Values

if TYPE_CHECKING:
    from psycopg import Error

TRIGGERS_OFF = "its triggers were off"
_MOST = 30  # refusals of one table that are looked into
_CHECK = "23514"  # check_violation, PostgreSQL docs Appendix A
_CONSTRAINT = "23"  # the class of all constraint violations
_IN_COLUMN = re.compile(r"^COPY .*, line \d+, column (.*?)(?::|$)", re.MULTILINE)
_GUESSES = (
    "1", "0", "a", "", "{}", "()", "(1,1)", "[1,1]", "1:1", "1.0", "2024-01-01", "POINT(1 1)",
)  # fmt: skip


class Mending:
    """What was done so far for one table; ``note`` tells the reader what matters of it."""

    def __init__(self, target: Target, values: Values, wanted: Wanted, known: Known) -> None:
        self._target = target
        self._values = values
        self._wanted = wanted
        self._known = known
        self._tried: set[str] = set()
        self.note = ""

    def mend(self, plan: TablePlan, refusal: Error) -> bool:
        """Do something about the refusal; False when nothing new is left to do."""
        diag = refusal.diag
        if len(self._tried) >= _MOST:
            return False
        if refusal.sqlstate == _CHECK and diag.constraint_name:
            domain = f"{diag.schema_name}.{diag.datatype_name}" if diag.datatype_name else ""
            if self._is_new(f"{domain} {diag.constraint_name}"):
                if domain:
                    return self._of_domain(domain)
                return self._of_table(plan, diag.constraint_name)
        column = _IN_COLUMN.search(diag.context or "")
        if column and self._is_new(column[1]):
            return self._of_type(plan, column[1])
        if plan.table.triggers and not self.note and _by_function(refusal):
            self._target.without_triggers(plan.table)
            self.note = TRIGGERS_OFF
            return True
        return False

    def _is_new(self, what: str) -> bool:
        new = what not in self._tried
        self._tried.add(what)
        return new

    def _of_table(self, plan: TablePlan, name: str) -> bool:
        """Values that the constraint lets pass, and all others about the same columns."""
        checks = [item for item in plan.table.constraints if item.kind == "check"]
        broken = next((item for item in checks if item.name == name), None)
        if broken is None:
            return False
        names = set(broken.columns)
        for columns, _ in self._known.forced:
            if names & set(columns):
                names |= set(columns)
        bound = [column for column in plan.columns if column.name in names]
        binding = [item for item in checks if names.issuperset(item.columns)]
        found = self._passing(binding, [self._ruled(column, plan) for column in bound])
        if not found or len(bound) < len(names):
            return False
        kept = [entry for entry in self._known.forced if not names & set(entry[0])]
        self._known.forced[:] = [*kept, (tuple(column.name for column in bound), found)]
        return True

    def _ruled(self, column: Planned, plan: TablePlan) -> Planned:
        """The column with what the constraints demand of it, or with its parents' keys."""
        rule = plan.ways[0].rules.get(column.name, ANYTHING)
        for reference in plan.references:
            if column.name in reference.columns:
                place = reference.columns.index(column.name)
                keys = self._known.parents(reference) or ()
                known = tuple(dict.fromkeys(key[place] for key in keys))
                rule = Rule(allowed=known) if known else rule
        return replace(column, rule=column.rule.merged(rule) or rule)

    def _of_domain(self, name: str) -> bool:
        domain = self._values.domain_named(name)
        if domain is None:
            return False
        column = Planned("value", domain.type, self._values.domain(name), nullable=False, rank=0)
        checks = [
            Constraint("", "check", ("value",), with_value(check, "value"))
            for check in domain.checks
        ]
        found = self._passing(checks, [column])
        texts = tuple(item for (item,) in found if item is not None)
        if texts:
            self._values.learn_domain(name, texts)
        return bool(texts)

    def _of_type(self, plan: TablePlan, name: str) -> bool:
        """Another value of the column's type, or none at all."""
        column = plan.table.column(name)
        if column is None or column.type.kind != "base":
            return False
        self._values.learn(column.type.base, guessed(self._target, column.type))
        return True

    def _passing(
        self, checks: Sequence[Constraint], columns: Sequence[Planned]
    ) -> list[tuple[str | None, ...]]:
        from psycopg import Error

        connection = self._target.connection
        definitions = [item.definition for item in checks]
        try:
            with connection.transaction():
                return passing(connection, definitions, columns, self._values, self._wanted)
        except Error:
            return []


def guessed(target: Target, kind: DataType) -> tuple[str, ...]:
    """Texts that the server takes for values of that type."""
    from psycopg import Error, sql

    found = []
    for guess in _GUESSES:
        query = sql.SQL("SELECT {}::{}").format(sql.Literal(guess), sql.SQL(kind.base))
        try:
            with target.connection.transaction():
                target.connection.execute(query)
        except Error:
            continue
        found.append(guess)
    return tuple(found)


def _by_function(error: Error) -> bool:
    """Whether a function stood in the way, and not a constraint."""
    context = error.diag.context or ""
    return "function" in context or not (error.sqlstate or "").startswith(_CONSTRAINT)
