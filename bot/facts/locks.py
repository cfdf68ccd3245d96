"""PostgreSQL's table-level lock modes and whom each keeps out.

Source: PostgreSQL docs, "Explicit Locking", table 13.2 "Conflicting Lock Modes". Weak to strong, as
there; names as ``pg_locks.mode`` has them.
"""

from __future__ import annotations

ACCESS_SHARE = "AccessShareLock"
ROW_SHARE = "RowShareLock"
ROW_EXCLUSIVE = "RowExclusiveLock"
SHARE_UPDATE_EXCLUSIVE = "ShareUpdateExclusiveLock"
SHARE = "ShareLock"
SHARE_ROW_EXCLUSIVE = "ShareRowExclusiveLock"
EXCLUSIVE = "ExclusiveLock"
ACCESS_EXCLUSIVE = "AccessExclusiveLock"

MODES = (
    ACCESS_SHARE,
    ROW_SHARE,
    ROW_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    SHARE,
    SHARE_ROW_EXCLUSIVE,
    EXCLUSIVE,
    ACCESS_EXCLUSIVE,
)

_BLOCKS: dict[str, tuple[str, ...]] = {
    ROW_SHARE: (),
    ROW_EXCLUSIVE: (),
    SHARE_UPDATE_EXCLUSIVE: ("ddl",),
    SHARE: ("writes", "ddl"),
    SHARE_ROW_EXCLUSIVE: ("writes", "ddl"),
    EXCLUSIVE: ("writes", "ddl"),
    ACCESS_EXCLUSIVE: ("reads", "writes", "ddl"),
}


def strength(mode: str) -> int:
    """The mode's place from weak (0) to strong (7); -1 for what is no mode of a table."""
    return MODES.index(mode) if mode in MODES else -1


def blocks(mode: str) -> tuple[str, ...]:
    """What waits for it: ``reads`` (SELECT), ``writes`` (INSERT, UPDATE, DELETE), ``ddl``.

    ``ddl`` stands for schema changes and maintenance that do not conflict with plain reads and
    writes. The weakest three modes keep out nothing that an application does every day.
    """
    return _BLOCKS.get(mode, ())


def strongest(modes: tuple[str, ...]) -> str | None:
    """The strongest of these modes, None when there is none."""
    return max(modes, key=strength, default=None)
