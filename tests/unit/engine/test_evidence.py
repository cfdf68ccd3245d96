"""What the changed files alone contribute: whose texts are kept, which cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.changes import Repository, Request
from bot.changes.scratch import scratch_folder
from bot.configuration import Stated
from bot.discovery import discover
from bot.evidence import not_parsed, sources_of
from bot.facts import NotChecked, Source
from bot.subject import Order
from fixtures.build import build_layers, environment_files

BASE = {path: source.read_bytes() for path, source in environment_files("mapped").items()}


def seen(tmp_path: Path, head: dict[str, str]) -> tuple[tuple[Source, ...], tuple[NotChecked, ...]]:
    """The kept texts of a change that adds these files, and what of them cannot be read."""
    texts = {path: text.encode() for path, text in head.items()}
    repository = build_layers(tmp_path / "repository", base=BASE, head=texts)
    load = Stated(None, {"install": "never"}, {}).load
    order = Order(repository, Request("main", "feature"), load, tmp_path, tmp_path)
    environ = {"PATH": "/usr/bin:/bin"}
    with scratch_folder(tmp_path) as scratch:
        subject, _ = discover(order, Repository(repository, environ, scratch), lambda _: None)
        sources = sources_of(subject)
        return sources, not_parsed(subject, sources)


def test_models_and_what_uses_sqlalchemy_are_kept(tmp_path: Path) -> None:
    """Sessions and queries are read as models are; tests and other code are not."""
    sources, unread = seen(
        tmp_path,
        {
            "shop/models.py": "from sqlalchemy.orm import DeclarativeBase\n",
            "shop/session.py": "from sqlalchemy import create_engine\n",
            "shop/routes.py": "import json  # sqlalchemy\n",
            "tests/test_session.py": "import sqlalchemy\n",
            "README.md": "sqlalchemy\n",
        },
    )
    assert [item.path for item in sources] == ["shop/models.py", "shop/session.py"]
    assert unread == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("class Note(Base:\n    pass\n", "line 1: invalid syntax"),
        ("class Note(Base): pass\n" + "# x\n" * 70_000, "it is too long to be read whole"),
        ("class Note(Base): pass\nx = '\0'\n", "line 2: the source holds a null byte"),
    ],
)
def test_model_file_that_cannot_be_read_is_told(tmp_path: Path, text: str, why: str) -> None:
    """Silence about it would look like praise."""
    _, unread = seen(tmp_path, {"shop/notes.py": text})
    assert [(item.what, item.why, item.fatal) for item in unread] == [
        ("the classes of shop/notes.py", why, False)
    ]
