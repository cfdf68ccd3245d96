"""What the statements of a change cost on tables of two sizes: measured, for production's sizes."""

from __future__ import annotations

from bot.observe.costs.measure import measured

__all__ = ["measured"]
