"""What the repository states of production, as observing needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.facts.plans import Query
from bot.facts.sizes import Size


@dataclass(frozen=True)
class Stated:
    """Sizes of tables, those of them that are ``large`` by their names, and named queries."""

    large: Mapping[str, Size] = field(default_factory=dict)
    sizes: tuple[Size, ...] = ()
    queries: tuple[Query, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether there is anything to do with it."""
        return bool(self.large or self.queries)

    @property
    def new_queries(self) -> bool:
        """Whether the change brings or alters one: then the schema is read whatever else it is."""
        return any(query.new for query in self.queries)
