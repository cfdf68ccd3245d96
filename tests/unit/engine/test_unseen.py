"""What was not seen of a project is told once, however many asked for it."""

from __future__ import annotations

from bot.observe.unseen import Unseen


def test_what_base_and_head_cannot_say_is_told_once() -> None:
    """Both sides are asked alike; the order is that of the first telling."""
    unseen = Unseen("alembic.ini")
    unseen.minor("the types", "no type checker is installed", "Install one.")
    unseen.fatal("the round trip of 0002", "its parent failed", "Mend it.")
    unseen.minor("the types", "no type checker is installed", "Install one.")
    assert [(entry.what, entry.fatal) for entry in unseen.entries()] == [
        ("the types", False),
        ("the round trip of 0002", True),
    ]
