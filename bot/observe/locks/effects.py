"""From what was there before a statement and after it to what the statement did. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from bot.facts import Effect
from bot.facts.locks import ACCESS_SHARE, ROW_EXCLUSIVE, ROW_SHARE, strength
from bot.observe.locks.relations import KINDS, NONE, Counters, Ignored, Relation

LISTED = 1_000  # effects of one statement
# Reading and writing a table takes these on each of its indexes too: true, and of no interest.
_ORDINARY = frozenset({ACCESS_SHARE, ROW_SHARE, ROW_EXCLUSIVE})
_INDEXES = ("index", "partitioned index")
_NO_MODES: frozenset[str] = frozenset()
_READ = frozenset("rmp")  # of these, the scans are sequential ones


@dataclass(frozen=True)
class Moment:
    """One transaction at one moment: its locks, and the relations and counters it sees, by oid."""

    locks: Mapping[int, frozenset[str]] = field(default_factory=dict)
    relations: Mapping[int, Relation] = field(default_factory=dict)
    counters: Mapping[int, Counters] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """What one statement did: ``effects``, the strongest locks first, at most ``LISTED``.

    ``left_out`` counts the others. ``heirs`` are indexes that took the place of one that is gone,
    by oid: it counts as the same one.
    """

    effects: tuple[Effect, ...]
    left_out: int
    heirs: Mapping[int, int]


def done(before: Moment, after: Moment, existed: Collection[int], ignored: Ignored) -> Done:
    """What happened to the relations of ``after.locks`` between the two moments.

    ``existed`` are the oids of the relations that were there before the change.
    """
    heirs = _heirs(before, after)
    replaced = frozenset(heirs.values())
    found = []
    for oid in after.locks:
        if oid in replaced:
            continue
        old = heirs.get(oid, oid)
        was, now = before.relations.get(old), after.relations.get(oid)
        moved = after.counters.get(oid, NONE), before.counters.get(oid, NONE)
        held, locks = _all(before.locks, oid, old), _all(after.locks, oid, old)
        if was is None and now is None:
            continue  # made and dropped by the same statement, as a rewrite's copy of the table is
        if was == now and moved[0] == moved[1] and locks <= held:
            continue
        effect = replace(
            _change(was, now, moved[0].since(moved[1])),
            existed=old in existed,
            locks=_ordered(locks - held),
            held=_ordered(held),
        )
        if (now or was) not in ignored and _worth_telling(effect):
            found.append(effect)
    found.sort(key=_order)
    return Done(tuple(found[:LISTED]), max(0, len(found) - LISTED), heirs)


def _heirs(before: Moment, after: Moment) -> dict[int, int]:
    """Indexes that are there again under the name of one that is gone, by its oid.

    So it is after REINDEX CONCURRENTLY, and where a change of a column's type drops its indexes and
    builds them anew, or leaves them their storage (TryReuseIndex, tablecmds.c).
    """
    gone = {
        relation.label: oid
        for oid, relation in before.relations.items()
        if oid not in after.relations and relation.is_index
    }
    return {
        oid: gone[relation.label]
        for oid, relation in after.relations.items()
        if oid not in before.relations and relation.is_index and relation.label in gone
    }


def _change(was: Relation | None, now: Relation | None, moved: Counters) -> Effect:
    """What became of one relation that is there before, after, or both."""
    relation = now or was
    if relation is None:
        raise ValueError("neither before nor after")
    effect = Effect(
        relation=relation.label,
        kind=KINDS.get(relation.kind, relation.kind),
        table=relation.table,
        rewritten=was is not None and now is not None and was.storage != now.storage,
        created=was is None,
        dropped=now is None,
        constraint=relation.constraint,
    )
    if relation.kind not in _READ:
        return effect
    return replace(
        effect,
        scanned=moved.scans > 0,
        inserted=moved.inserted,
        updated=moved.updated,
        deleted=moved.deleted,
    )


def _worth_telling(effect: Effect) -> bool:
    """Whether it was changed, read or locked; a row lock on an index goes without saying."""
    moved = effect.inserted + effect.updated + effect.deleted
    if effect.scanned or effect.rewritten or effect.created or effect.dropped or moved:
        return True
    weak = effect.kind in _INDEXES and _ORDINARY.issuperset(effect.locks)
    return bool(effect.locks) and not weak


def _all(locks: Mapping[int, frozenset[str]], oid: int, old: int) -> frozenset[str]:
    found = locks.get(oid, _NO_MODES)
    return found if oid == old else found | locks.get(old, _NO_MODES)


def _ordered(modes: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(modes, key=lambda mode: (-strength(mode), mode)))


def _order(effect: Effect) -> tuple[int, str, str]:
    strongest = max((strength(mode) for mode in effect.locks), default=-1)
    return -strongest, effect.table, effect.relation
