"""The cache of installed environments holds what is used and no more."""

from __future__ import annotations

import os
import time
from pathlib import Path

from bot.observe.kept_environments import KEPT, make_room, use

HOUR = 3600.0
NOW = time.time()


def environment(folder: Path, name: str, hours: float) -> Path:
    """One that was last used so long ago."""
    made = folder / name
    (made / "bin").mkdir(parents=True)
    (made / "bin" / "python").write_text("")
    note = folder / f"{name}.note"
    note.write_text("")
    os.utime(note, (NOW - hours * HOUR,) * 2)
    return note


def test_the_ones_used_last_stay(tmp_path: Path) -> None:
    """However old they are; of the others each goes, with its note."""
    for number in range(KEPT + 3):
        environment(tmp_path, f"e{number:02}", 100 + number)
    assert make_room(tmp_path, NOW) == ("e10", "e11", "e12")
    assert sorted(path.name for path in tmp_path.iterdir())[:2] == ["e00", "e00.note"]
    assert len(list(tmp_path.iterdir())) == 2 * KEPT
    assert make_room(tmp_path, NOW) == ()


def test_a_use_keeps_an_old_one(tmp_path: Path) -> None:
    """The time of its making does not count."""
    for number in range(KEPT):
        environment(tmp_path, f"e{number:02}", 2)
    use(environment(tmp_path, "old", 900))
    assert make_room(tmp_path, NOW) == ("e09",)


def test_what_a_run_beside_us_uses_stays(tmp_path: Path) -> None:
    """Too many of the last hour are too many, and in use."""
    for number in range(KEPT + 2):
        environment(tmp_path, f"e{number:02}", 0.5)
    assert make_room(tmp_path, NOW) == ()


def test_what_a_killed_run_was_making_goes_after_a_day(tmp_path: Path) -> None:
    """It has no note; one that is being made stays."""
    for name, hours in ((".making-a", 30), (".making-b", 1)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (NOW - hours * HOUR,) * 2)
    assert make_room(tmp_path, NOW) == (".making-a",)


def test_links_and_a_folder_that_is_not_there_are_left_alone(tmp_path: Path) -> None:
    """Nothing is removed that a link points to."""
    (tmp_path / "linked").symlink_to(tmp_path.parent)
    assert make_room(tmp_path, NOW) == make_room(tmp_path / "none", NOW) == ()
    use(tmp_path / "none.note")
