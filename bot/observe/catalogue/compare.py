"""What differs between two snapshots, object by object. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bot.facts.catalogue import Difference
from bot.observe.catalogue.definitions import define, define_with
from bot.observe.catalogue.snapshot import Key, Row, Snapshot
from bot.observe.catalogue.values import LIMIT, exact

_RELATIONS = ("table", "view", "materialized view", "foreign table")
_IDENTIFYING = frozenset({"kind", "name", "table", "parent"})

# Facts of one act that show in several attributes: where the first differs, the others go unsaid.
_IMPLIED: Mapping[str, frozenset[str]] = {
    "nullability": frozenset(
        {"not-null constraint", "not-null inheritance", "not-null validity", "not-null comment"}
    ),
    "generated": frozenset({"default"}),
    "enforced": frozenset({"validity"}),
    "definition": frozenset({"parent index"}),
}

_GENERATED = re.compile(r"_not_null\d*$")  # PostgreSQL's ChooseConstraintName


def differences(
    before: Snapshot, after: Snapshot, *, validated: bool = False
) -> tuple[Difference, ...]:
    """Everything that is not alike, in a stable order.

    An object that came or went is one difference, with all that belongs to it in its definition;
    of one that is on both sides each attribute is one. A constraint that was NOT VALID and is valid
    now is left out unless ``validated``: going back does not un-check rows, so it is no residue.
    So is a generated name of a NOT NULL: nobody chose it.
    """
    if before.raw == after.raw:
        return ()
    found: list[Difference] = []
    ranks = {kind: rank for rank, kind in enumerate(_kinds(before, after))}
    for key in before.rows.keys() | after.rows.keys():
        old, new = before.rows.get(key), after.rows.get(key)
        if old is not None and new is not None:
            found += _altered(old, new, before, after, validated=validated)
        elif old is not None and not _goes_with_another(old, before.rows, after.rows):
            found.append(_difference(old, define(old, before), None))
        elif new is not None and not _goes_with_another(new, after.rows, before.rows):
            found.append(_difference(new, None, define(new, after)))
    return tuple(
        sorted(found, key=lambda each: (ranks[each.kind], each.name, each.attribute or ""))
    )


def _kinds(*snapshots: Snapshot) -> Iterator[str]:
    """Kinds in the order of the query's sections, which is that of creation."""
    seen = dict.fromkeys(kind for each in snapshots for kind, _ in each.rows)
    first = ("schema", "extension", "type", "domain", "table", "column", "constraint", "index")
    yield from first
    yield from sorted(seen.keys() - set(first))


def _altered(
    old: Row, new: Row, before: Snapshot, after: Snapshot, *, validated: bool
) -> Iterator[Difference]:
    if old == new:
        return
    names = {
        name for name in (old.keys() | new.keys()) - _IDENTIFYING if old.get(name) != new.get(name)
    }
    names -= {implied for name in names for implied in _IMPLIED.get(name, ())}
    for name in names:
        if not validated and (_became_valid(name, old, new) or _generated(name, old, new)):
            continue
        shown = define_with(old, name, before), define_with(new, name, after)
        if shown[0] == shown[1]:
            shown = exact(old.get(name)), exact(new.get(name))
        yield _difference(new, *shown, attribute=name)


def _became_valid(attribute: str, old: Row, new: Row) -> bool:
    if attribute == "not-null validity":
        return attribute not in new
    return attribute == "validity" and new["kind"] == "constraint" and not old[attribute]


def _generated(attribute: str, old: Row, new: Row) -> bool:
    """Whether only a name differs that PostgreSQL made up for NOT NULL, since 18.

    A column of a renamed table keeps the name with the old table's; created anew it gets another.
    """
    names = (old.get(attribute), new.get(attribute))
    return attribute == "not-null constraint" and all(
        name is None or _GENERATED.search(name) for name in names
    )


def _goes_with_another(row: Row, here: Mapping[Key, Row], there: Mapping[Key, Row]) -> bool:
    """Whether what the row belongs to is on one side only too: its definition tells of the row."""
    above = [(kind, row["table"]) for kind in _RELATIONS] if "table" in row else []
    parent = row.get("parent", [])
    above += zip(parent[::2], parent[1::2], strict=True)
    if any(key in here and key not in there for key in above):
        return True
    # The sequence behind an identity column is told by the column's attribute.
    return "identity" in row and any(
        "identity" in here[key] and "identity" not in there[key]
        for key in above
        if key in here and key in there
    )


def _difference(
    row: Row, before: str | None, after: str | None, attribute: str | None = None
) -> Difference:
    before, after = _cut(before, after)
    return Difference(
        kind=row["kind"],
        name=row["name"],
        before=before,
        after=after,
        attribute=attribute,
        table=row["name"] if row["kind"] in _RELATIONS else row.get("table"),
    )


def _cut(before: str | None, after: str | None) -> tuple[str | None, str | None]:
    """Both texts within the limit, from shortly before the first character that differs."""
    start = 0
    if before is not None and after is not None and max(len(before), len(after)) > LIMIT:
        pairs = enumerate(zip(before, after, strict=False))
        first = next((at for at, (one, two) in pairs if one != two), min(len(before), len(after)))
        start = 0 if first < LIMIT // 2 else first - LIMIT // 10
    return _window(before, start), _window(after, start)


def _window(text: str | None, start: int) -> str | None:
    if text is None:
        return None
    shown = text[start : start + LIMIT]
    return ("…" if start else "") + shown + ("\n…" if len(text) > start + LIMIT else "")
