"""What a stranger left in a folder leads nobody elsewhere."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bot.observe.strangers_files import folders_below, read_regular, remove, take_over


def test_folders_are_found_however_deep_and_through_no_link(tmp_path: Path) -> None:
    """A stranger's tree may be deeper than a path can name, and lead anywhere."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "file").touch()
    (tmp_path / "a" / "away").symlink_to("/etc")
    assert set(folders_below(tmp_path)) == {tmp_path, tmp_path / "a", tmp_path / "a" / "b"}
    before = Path.cwd()
    try:
        os.chdir(tmp_path)
        for _ in range(3000):
            Path("deep").mkdir()
            os.chdir("deep")
    finally:
        os.chdir(before)
    assert 500 < sum(1 for _ in folders_below(tmp_path)) < 3000
    subprocess.run(["rm", "-rf", tmp_path / "deep"], check=True)


def test_only_ordinary_files_are_read(tmp_path: Path) -> None:
    """No link to a file of ours, no pipe that never ends, no device, no more than asked for."""
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "link").symlink_to("secret")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    assert read_regular(tmp_path / "secret", 3) == "sec"
    for name in ("link", "pipe", "folder", "absent"):
        assert read_regular(tmp_path / name, 100) == ""
    assert read_regular(Path("/dev/zero"), 100) == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can take files from others")
def test_what_is_taken_over_is_nobody_elses(tmp_path: Path) -> None:
    """Links are taken, not what they lead to; setuid bits and others' rights to write go."""
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "folder"
    (folder / "open").mkdir(parents=True)
    elsewhere.touch()
    (folder / "open" / "link").symlink_to(elsewhere)
    (folder / "program").touch()
    (folder / "program").chmod(0o4777)
    (folder / "open").chmod(0o777)
    for path in (elsewhere, folder, *folder.rglob("*")):
        os.chown(path, 61000, 61000, follow_symlinks=False)
    (folder / "program").chmod(0o4777)
    take_over(folder)
    assert {path.lstat().st_uid for path in (folder, *folder.rglob("*"))} == {0}
    assert (folder / "program").stat().st_mode & 0o7777 == 0o755
    assert (folder / "open").stat().st_mode & 0o777 == 0o755
    assert elsewhere.stat().st_uid == 61000
    remove(folder)
    assert not folder.exists()
    assert elsewhere.exists()
    with pytest.raises(OSError, match="chown"):
        take_over(folder)
