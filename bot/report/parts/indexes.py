"""The indexes that the change brings, what each is for, and what is recommended, with reasons."""

from __future__ import annotations

from bot.explain.schema.new_objects import new_indexes
from bot.facts.relation import Index
from bot.markup import sentence
from bot.report.parts.listing import bullets
from bot.verdict import Judged, Verdict
from bot.wording import code, several

# Policies whose findings recommend an index, or advise against one.
_ABOUT = frozenset(
    {
        "duplicate-index",
        "index-never-used",
        "index-on-every-column",
        "jsonb-without-gin-index",
        "low-cardinality-index",
        "redundant-prefix-index",
        "table-without-filter-index",
        "tenant-not-indexed",
        "tenant-not-leading",
        "unindexed-foreign-key",
        "unindexed-lookup-column",
        "unindexed-partition",
    }
)
_FOR = {
    "gin": "what is contained in a value: keys, elements, words",
    "gist": "what overlaps or lies near",
    "spgist": "what lies near, or begins alike",
    "brin": "ranges of a column that grows with the table",
    "hash": "equality alone",
}


def indexes(verdict: Verdict) -> str:
    """New indexes with what they serve; then what the review recommends."""
    new = [
        _served(item.thing, item.table.full_name)
        for project in verdict.facts.projects
        for item in new_indexes(project)
        if not item.thing.primary
    ]
    advised = [_advised(item) for item in verdict.counting if item.policy in _ABOUT]
    parts = [bullets(new)] if new else ["The change adds no index."]
    parts += (
        [f"Recommended:\n\n{bullets(advised)}"] if advised else ["Nothing else is recommended."]
    )
    return "\n\n".join(parts)


def _served(index: Index, table: str) -> str:
    keys = [key.column or key.expression or "" for key in index.keys]
    if index.method == "btree":
        use = f"equality on {several(keys[:1])}, its order and ranges"
        if len(keys) > 1:
            use = (
                f"equality on {code(keys[0])} alone or with {several(keys[1:])}; ranges and order"
                " by the first of them that is not compared with `=`; nothing without"
                f" {code(keys[0])}"
            )
    else:
        use = _FOR.get(index.method, f"what {code(index.method)} is made for")
    more = ["guards that values are unique"] if index.unique else []
    more += [f"only rows with {code(index.predicate)}"] if index.predicate else []
    more += (
        [f"carries {several(index.include)}, so that the table is not read"]
        if index.include
        else []
    )
    rest = "; ".join(more)
    return f"{code(index.name)} on {code(table)}: {use}" + (f"; {rest}" if rest else "")


def _advised(item: Judged) -> str:
    cure = f" → {sentence(item.remedies[0].title, 200)}" if item.remedies else ""
    return f"{sentence(item.title, 200)}{cure} (`{item.policy}`)"
