"""None of the named queries goes by an index that the change makes.

Every INSERT and most UPDATEs of the table write to the index as well, VACUUM cleans it, and it
takes room in memory that others would use. An index that no query needs is all cost.

Make the index that the query asks for (its columns in the order of equality first, its expression,
its operator class), or leave it out. Add the query to the file where it is only missing there.

Reference: https://www.postgresql.org/docs/current/indexes-examine.html
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.explain.statements.group import finding
from bot.explain.statements.plans import MADE_UP, looked, rows_of, statement_that
from bot.facts import Effect, Facts, Project, Size
from bot.facts.relation import Index
from bot.facts.schema import Table
from bot.policy import DEFAULTS, Confidence, Finding, Options, Remedy, Severity
from bot.wording import code

SEVERITY = Severity.NOTE
PACK = "queries"
PRESETS = (3, 5)
_REMEDIES = (
    Remedy(
        "Let the index fit the query",
        "Compare the query's WHERE and ORDER BY with the index: the columns compared with `=` come "
        "first, then the one of a range or an order; an expression must be written alike.",
    ),
    Remedy(
        "Leave it out",
        "Without a query that needs it, every write is cheaper without it.",
        trade_off="A query that the file does not name may have needed it: add it there.",
    ),
)


def check(facts: Facts, options: Options = DEFAULTS) -> Iterator[Finding]:
    """One finding for each new index of a large table that some query reads and none reads by it.

    An index that keeps a rule or serves a foreign key is needed without any query. One that begins
    like an index that a query goes by may be the better of the two with rows that are not made up.
    """
    sizes = {size.table: size for size in facts.sizes}
    for project in facts.projects:
        plans = [each.head for each in looked(facts) if each.project is project]
        read = {scan.table for plan in plans for scan in plan.scans}
        used = {name for plan in plans for name in plan.indexes}
        for table, index in _new(project):
            size = sizes.get(table.full_name)
            large = size is not None and size.rows >= options.small_table_rows
            if not large or table.full_name not in read or index.name in used:
                continue
            if index.columns[:1] in [
                each.columns[:1] for each in table.indexes if each.name in used
            ]:
                continue
            yield from _told(facts, project, table, index, size, len(plans))


def _told(
    facts: Facts, project: Project, table: Table, index: Index, size: Size | None, queries: int
) -> Iterator[Finding]:
    def made(effect: Effect) -> bool:
        return effect.created and effect.relation == index.name

    at = statement_that(facts, project, made)
    if at is None:
        return
    yield finding(
        at,
        title=f"No named query uses the new index {code(index.name)}",
        message=(
            f"{code(at.revision.revision)} makes the index {code(index.name)} on "
            f"{code(table.full_name)}{rows_of(size)}. {_asked(queries)} "
            f"by this index. {MADE_UP}"
        ),
        about=index.name,
        tables=(table.full_name,),
        confidence=Confidence.LIKELY,
        remedies=_REMEDIES,
    )


def _asked(queries: int) -> str:
    explained = "explained after the change, at production's sizes,"
    if queries == 1:
        return f"The one named query that was {explained} reads that table and does not go"
    return (
        f"Of the {queries} named queries that were {explained} some read that table and none goes"
    )


def _new(project: Project) -> Iterator[tuple[Table, Index]]:
    before = project.base_schema.tables if project.base_schema else ()
    old = {index.name for table in before for index in table.indexes}
    for table in project.schema.tables if project.schema else ():
        keys = [key.columns for key in table.foreign_keys]
        for index in table.indexes:
            rule = index.unique or index.constraint is not None
            serves = any(index.starts_with(columns) for columns in keys)
            if index.name not in old and not rule and not serves and index.parent is None:
                yield table, index
