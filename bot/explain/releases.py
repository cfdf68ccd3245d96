"""What the code of either release met on the schema of the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.explain.ran import RELATIONS, Ran
from bot.explain.upgraded import Upgraded, upgraded
from bot.facts import Facts, Project
from bot.facts.fit import Kind, Sent
from bot.sql import Rename

WRITES = (Kind.INSERT, Kind.MINIMAL, Kind.UPDATE, Kind.DELETE)


@dataclass(frozen=True)
class Broken:
    """A statement of a model that worked on one schema and does not, or not alike, on the other."""

    before: Sent
    after: Sent

    @property
    def reason(self) -> str:
        """The server's message, or that the type of a column is another one."""
        if self.after.failed:
            return (self.after.message or "it fails").partition("\n")[0]
        return f"column {', '.join(self.retyped)} comes back with another type"

    @property
    def retyped(self) -> tuple[str, ...]:
        """Columns that a SELECT reads with another type than before."""
        pairs = zip(self.before.columns, self.before.types, self.after.types, strict=False)
        return tuple(name for name, old, new in pairs if old != new)


def broken(before: Sequence[Sent], after: Sequence[Sent]) -> list[Broken]:
    """The statements of ``before`` that succeeded there and do not in ``after``."""
    now = {(item.table, item.model, item.kind): item for item in after}
    found = []
    for item in before:
        other = now.get((item.table, item.model, item.kind))
        if item.failed or item.skipped or other is None or other.skipped:
            continue
        pair = Broken(item, other)
        if other.failed or pair.retyped:
            found.append(pair)
    return found


@dataclass(frozen=True)
class Renamed:
    """A table or column of base that has another name after the upgrade."""

    upgraded: Upgraded
    ran: Ran
    table: str
    column: str | None
    new: str


def renamed(facts: Facts) -> Iterator[Renamed]:
    """Tables and columns that were there at base, renamed by a statement of the change."""
    for found in upgraded(facts):
        for each, piece in found.pieces():
            detail = piece.detail
            if not isinstance(detail, Rename) or detail.relation is None:
                continue
            if detail.object == "column":
                table = found.relation(detail.relation, each)
                base = found.at_base(table)
                if base is not None and base.column(detail.old) is not None:
                    yield Renamed(found, each, table, detail.old, detail.new)
            elif detail.object == "table":
                old = next(
                    (e.relation for e in each.effects if e.existed and e.kind in RELATIONS), None
                )
                if old is not None:
                    schema = old.rpartition(".")[0]
                    yield Renamed(found, each, f"{schema}.{detail.old}", None, detail.new)


def release_order(project: Project) -> tuple[str, str] | None:
    """In which order migration and code may be deployed, and why; None where it was not seen.

    ``migrate first``, ``code first``, ``either`` or ``cannot roll``.
    """
    deploy = project.deploy
    if deploy is None:
        return None
    old = broken(deploy.before, deploy.after)
    new = broken(deploy.new_on_new, deploy.new_on_old)
    first = _why(old[0], "the running release") if old else ""
    second = f"{_why(new[0], 'the new code')} before it" if new else ""
    if old and (new or not deploy.new_on_old):  # without new code the old one is what stays
        return "cannot roll", "; ".join(filter(None, (first, second)))
    if old or new:
        return ("code first", first) if old else ("migrate first", second)
    return "either", "either release runs on either schema"


def _why(item: Broken, whose: str) -> str:
    statement = "SELECT" if item.after.kind is Kind.SELECT else item.after.kind.value.upper()
    kept = statement.split(maxsplit=1)[0]
    return f"{whose}'s {kept} of {item.after.model} fails: {item.reason}"
