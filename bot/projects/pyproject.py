"""Tables of a ``pyproject.toml`` that a stranger wrote."""

from __future__ import annotations

import tomllib


def tool_table(data: bytes | None, name: str) -> object:
    """``[tool.<name>]``, None without one; the bytes themselves when they are no TOML."""
    if data is None:
        return None
    try:
        tool = tomllib.loads(data.decode("utf-8")).get("tool")
    except (ValueError, RecursionError):
        return data
    return tool.get(name) if isinstance(tool, dict) else None
