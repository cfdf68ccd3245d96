"""Named queries explained at base and at head, on tables that seem as large as production's."""

from __future__ import annotations

from bot.observe.plans.scenario import planned

__all__ = ["planned"]
