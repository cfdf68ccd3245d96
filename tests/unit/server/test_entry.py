"""Entries of the cache of server states, without a server."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.observe.server import cache


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Something like a data directory."""
    folder = tmp_path / "data"
    (folder / "base/1").mkdir(parents=True)
    (folder / "PG_VERSION").write_text("18\n")
    (folder / "base/1/1259").write_bytes(b"\0" * 8192)
    (folder / "postmaster.pid").write_text("1\n")
    folder.chmod(0o700)
    return folder


def test_an_entry_comes_back_as_it_was(tmp_path: Path, data: Path) -> None:
    """Labels, password and files return; the running server's own mark does not."""
    entry = cache.entry_path(tmp_path / "cache", "key", "18.6")
    assert cache.write(entry, data, {"base": "base_1"}, "secret")
    contents = cache.read(entry)
    assert contents is not None
    assert (contents.labels, contents.password) == ({"base": "base_1"}, "secret")
    cache.restore(entry, tmp_path / "again")
    assert (tmp_path / "again/base/1/1259").read_bytes() == b"\0" * 8192
    assert not (tmp_path / "again/postmaster.pid").exists()
    assert (tmp_path / "again").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", ["truncated", "missing", "extra", "link", "json", "no json"])
def test_a_damaged_entry_is_none(tmp_path: Path, data: Path, damage: str) -> None:
    """Whatever happened to it, an entry is whole or not there."""
    entry = cache.entry_path(tmp_path / "cache", "key", "18.6")
    assert cache.write(entry, data, {}, "")
    table = entry / "data/base/1/1259"
    if damage == "truncated":
        os.truncate(table, 4096)
    elif damage == "extra":
        (entry / "data/more").touch()
    elif damage == "json":
        (entry / "entry.json").write_text('{"format": 1, "labels": []}')
    elif damage == "no json":
        (entry / "entry.json").unlink()
    else:
        table.unlink()
        if damage == "link":
            table.symlink_to("/etc/passwd")
    assert cache.read(entry) is None
    assert cache.write(entry, data, {}, ""), "and it can be made anew"
    assert cache.read(entry) is not None


def test_keys_and_binaries_are_told_apart(tmp_path: Path) -> None:
    """A state of other binaries is never found."""
    paths = {cache.entry_path(tmp_path, *pair) for pair in ("aa", "ab", "ba", ("a\nb", ""))}
    assert len(paths) == 4


def test_only_the_latest_entries_are_kept(tmp_path: Path, data: Path) -> None:
    """The cache does not grow without end; what was used last stays."""
    entries = [cache.entry_path(tmp_path, str(number), "") for number in range(cache.KEPT + 1)]
    for age, entry in enumerate(entries[:-1]):
        assert cache.write(entry, data, {}, "")
        os.utime(entry, (1000 + age, 1000 + age))
    assert cache.read(entries[0]) is not None  # used just now
    assert cache.write(entries[-1], data, {}, "")
    assert [entry.exists() for entry in entries[:3]] == [True, False, True]


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path, data: Path) -> None:
    """The run goes on without it."""
    blocked = tmp_path / "file"
    blocked.touch()
    assert not cache.write(cache.entry_path(blocked, "key", ""), data, {}, "")
