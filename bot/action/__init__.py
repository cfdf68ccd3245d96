"""The Action: inputs and an event in; a comment, a check, outputs and an exit status out."""

from __future__ import annotations

from bot.action.run import act

__all__ = ["act"]
