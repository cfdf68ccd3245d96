"""The settings' reference page: ``python -m bot.settings.reference > docs/configuration.md``."""

from __future__ import annotations

import sys

from bot.settings.model import settings
from bot.settings.setting import Setting

_INTRODUCTION = """\
# Configuration

<!-- Made by `python -m bot.settings.reference`; edit bot/settings/model.py instead. -->

Settings stand in `.db-recheck.toml` at the root of the repository, or under `[tool.db-recheck]` in
its `pyproject.toml`; if there is a `.db-recheck.toml`, it alone counts. Both take the same keys:

```toml
# .db-recheck.toml
fail-on = "warn"
projects = ["backend/alembic.ini"]

[policies]
missing-downgrade = "block"

[environment]
DATABASE_URL = "{url}"
SECRET_KEY = "anything"
```

What holds is, from the weakest to the strongest: the default, the file, the Action's input of the
same name, the environment variable `DB_RECHECK_DATABASE_URL`, the command line's flag.

The file is read from **base**, so that a pull request cannot switch off its own check. A setting
that it changes so that more would get through is reported (`check-weakened`) and not used, unless
base's file says `trust-head = true`.

An unknown key or a wrong value ends the run with exit status 2, its file and its line.

| key | value | default | flag | meaning |
|---|---|---|---|---|
"""

_INPUTS = """
As an input of the Action a list is written with commas or line breaks between its entries, and a
table as `name=value` lines. `policy` and `custom` have no input.
"""


def render_reference() -> str:
    """The page's Markdown."""
    return _INTRODUCTION + "".join(_row(item) for item in settings()) + _INPUTS


def _row(setting: Setting) -> str:
    key = "policy.<id>.<option>" if setting.key == "policy" else setting.key
    flag = f"`{setting.flag}`" if setting.flag else ""
    cells = (f"`{key}`", setting.kind.shown, setting.default, flag, setting.help)
    return "| " + " | ".join(cells) + " |\n"


if __name__ == "__main__":
    sys.stdout.write(render_reference())
