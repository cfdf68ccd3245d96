"""What the settings ask of the runs on rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RowsOptions:
    """``rows`` for each table (0: none are made up); the files ``seeds`` lie in ``folders``.

    ``path`` is where programs are looked for. ``tenants`` are columns that may tell tenants apart,
    the first that a table has. ``downgrades``: their statements are watched and measured, too.
    """

    rows: int = 100
    seeds: tuple[str, ...] = ()
    folders: tuple[Path, ...] = ()
    path: str = "/usr/local/bin:/usr/bin:/bin"
    tenants: tuple[str, ...] = ("tenant_id", "user_id")
    downgrades: bool = False

    @property
    def wanted(self) -> bool:
        """Whether there is anything to do at all."""
        return bool(self.rows or self.seeds)
