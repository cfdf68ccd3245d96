"""A team's own policies, each run in a sandbox of its own over the facts as JSON."""

from bot.observe.own.run import Bounds, sandboxed

__all__ = ["Bounds", "sandboxed"]
