"""How a suggested index is told. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.consult.describe import Size, bytes_of
from bot.consult.page import Listing, Part, Points, Text, Title
from bot.consult.suggest import Suggestion
from bot.explain.code.alembic_code import drop_index
from bot.facts.trial import Explained
from bot.wording import code, prose, several


def shown(suggested: Sequence[Suggestion], sizes: Mapping[str, Size]) -> tuple[Part, ...]:
    """The answer."""
    return tuple(part for item in suggested for part in _shown(item, sizes))


def _shown(item: Suggestion, sizes: Mapping[str, Size]) -> Iterator[Part]:
    columns = several(item.choice.columns) if item.choice.columns else "nothing"
    yield Title(f"An index on {code(item.table.full_name)} in {code(item.project)}")
    if item.covered_by is not None:
        name = code(item.covered_by.name.partition(".")[2])
        yield Text(f"None is needed: {name} serves these queries already.")
        yield Listing(item.covered_by.definition, "sql")
    elif item.sql is None:
        yield Text("None: no index would serve these columns as they are asked for.")
    else:
        kind = {"btree": "B-tree", "gin": "GIN", "gist": "GiST"}[item.choice.method]
        partial = ", partial" if item.choice.predicate else ""
        carried = f", carrying {several(item.choice.include)}" if item.choice.include else ""
        yield Text(f"A {kind} on {columns}{partial}{carried}:")
        yield Listing(f"{item.sql};", "sql")
    if item.choice.keys:
        yield Title("Order of the columns, and why", 2)
        yield Points(tuple(_reasons(item)))
    if item.choice.notes:
        yield Points(item.choice.notes)
    if item.replaces:
        names = several([index.name.partition(".")[2] for index in item.replaces])
        yield Text(
            f"{names} will serve nothing that this one does not: drop it afterwards, in a revision"
            " of its own (`redundant-prefix-index` reminds of it):"
        )
        dropped = [drop_index(item.table, index.name, concurrently=True) for index in item.replaces]
        yield Listing("\n".join(dropped), "python")
    yield from _tried(item)
    if item.code is not None:
        yield Title("Revision file", 2)
        if len(item.heads) > 1:
            yield Text(
                f"The chain has several heads ({several(item.heads)}): merge them first, and let"
                " the file follow the merge."
            )
        yield Listing(item.code.rstrip("\n"), "python")
        yield Text(_alone(item))
        yield Title("What it costs", 2)
        yield Text(_cost(item, sizes.get(item.table.full_name)))
    for other in item.alternatives:
        yield Title(f"Instead: {prose(other.title)}", 2)
        yield Listing(f"{other.sql};", "sql")
        yield Text(other.trade_off)


def _reasons(item: Suggestion) -> Iterator[str]:
    for key in item.choice.keys:
        down = ", descending" if key.descending else ""
        yield f"{code(key.column.name)}{down}: {key.why}"
    if item.choice.include:
        yield (
            f"{several(item.choice.include)}: carried along and no key, so that a query that reads"
            " no more need not visit the table"
        )
    if item.choice.predicate:
        yield f"{code('WHERE ' + item.choice.predicate)}: only these rows are in it"


def _alone(item: Suggestion) -> str:
    if item.table.partitioning:
        return (
            "CONCURRENTLY is refused for a partitioned table itself: each partition's index is"
            " built while the table is used, then attached."
        )
    return (
        "It is built CONCURRENTLY, while everybody goes on writing, which takes a revision of its"
        " own outside a transaction; the first line removes what an attempt that failed left"
        " behind."
    )


def _cost(item: Suggestion, size: Size | None) -> str:
    count = len(item.table.indexes)
    there = "has no index yet" if not count else f"has {count} index{'es' if count > 1 else ''}"
    text = (
        f"Every INSERT, and every UPDATE that changes one of its columns, writes to it too; the"
        f" table {there}."
    )
    trial = item.trial
    if trial is None or not trial.rows or trial.bytes is None:
        return text
    text += f" On {trial.rows:,} made-up rows it took {bytes_of(trial.bytes)}"
    if size is not None and not item.choice.predicate:
        grown = bytes_of(trial.bytes * size.rows // trial.rows)
        return f"{text}, so about {grown} on the {size.rows:,} rows of production."
    return f"{text}."


def _tried(item: Suggestion) -> Iterator[Part]:
    trial = item.trial
    if trial is None:
        return
    if trial.failure is not None:
        yield Title("Not checked", 2)
        yield Text(f"It could not be tried: {prose(trial.failure)}")
        return
    served = [each for each in trial.explained if each.shape.served]
    others = [each for each in trial.explained if not each.shape.served]
    made = "built" if trial.work.create else "used as it is"
    yield Title("Checked", 2)
    yield Text(
        f"{code(trial.work.index)} was {made} on a scratch table with {trial.rows:,} made-up rows."
        " What PostgreSQL plans for these queries:"
    )
    for each in served:
        yield Text(f"{_mark(each)} {_verdict(each)}")
        yield Listing(f"{each.query};\n\n{each.plan}", "text")
    if others:
        yield Title("Not served", 2)
        yield Points(tuple(_not_served(each) for each in others))


def _mark(each: Explained) -> str:
    return "**served**" if each.uses else "**not used**"


def _verdict(each: Explained) -> str:
    why = each.shape.why
    if each.forced:
        return (
            f"({why}); so few rows PostgreSQL would rather read as a whole or sort, so this plan"
            " was made with `enable_seqscan = off` or, for the order, `enable_sort = off`"
        )
    if each.uses:
        return f"({why})"
    return "although it was meant for this: see what PostgreSQL prefers"


def _not_served(each: Explained) -> str:
    if each.uses:
        return (
            f"{code(each.query, 300)}: here PostgreSQL does use the index, by reading more of it"
            f" than it needs; do not count on that ({each.shape.why})"
        )
    return f"{code(each.query, 300)}: {each.shape.why}"
