"""The reference page is what the settings say."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import settings
from bot.settings.reference import render_reference

PAGE = Path(__file__).parents[3] / "docs" / "configuration.md"


def test_the_committed_page_is_up_to_date() -> None:
    """Make it anew with ``python -m bot.settings.reference > docs/configuration.md``."""
    assert PAGE.read_text("utf-8") == render_reference()


@pytest.mark.parametrize("setting", settings(), ids=lambda setting: setting.key)
def test_every_setting_has_its_row(setting: object) -> None:
    """Key, kind, default, flag and a sentence, in five cells."""
    key = getattr(setting, "key", "")
    start = "| `policy.<id>.<option>`" if key == "policy" else f"| `{key}`"
    (row,) = [line for line in render_reference().splitlines() if line.startswith(start)]
    cells = [cell.strip() for cell in row.strip("|").split(" | ")]
    assert len(cells) == 5
    assert cells[4].endswith(".")
    assert "object at" not in row
