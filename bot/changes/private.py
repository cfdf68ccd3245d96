"""A git directory of the bot's own that sees a checkout's commits but none of its configuration.

A stranger's ``.git/config`` can make almost any git command run programs: ``core.fsmonitor``,
``filter.*.clean``, ``diff.*.textconv``, ``merge.*.driver``, ``core.sshCommand``,
``core.alternateRefsCommand``, ``remote.*.uploadpack``, hooks, and the lazy fetches of a partial
clone. Overriding them one by one is a race against git's next release. So git never reads it:
every command runs on this directory, which borrows the checkout's objects as alternates and its
refs as symbolic links. What is written goes here too, so a read-only checkout will do.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from bot.changes.checkout import Checkout

LARGE_FILE = "1m"  # what is larger is diffed as binary (core.bigFileThreshold)

_SETTINGS = f"""\
[core]
\tbare = true
\thooksPath = /dev/null
\tfsmonitor = false
\tattributesFile = /dev/null
\texcludesFile = /dev/null
\talternateRefsCommand = true
\tfsync = none
\tbigFileThreshold = {LARGE_FILE}
[gc]
\tauto = 0
[maintenance]
\tauto = false
[fetch]
\trecurseSubmodules = false
\tunpackLimit = 1
[diff]
\trenameLimit = 500
"""

# Higher in precedence than any .gitattributes (gitattributes(5)): whether a diff is shown, how a
# merge is made and which program filters a file is not for the tree under review to say. Some
# versions of git read them without a working tree too, from HEAD (git-config(1), attr.tree).
_ATTRIBUTES = "* !diff !merge !filter\n"

# Keys of the checkout's configuration that say what is on its disk, and the values they may have.
_KEPT = {
    "core.filemode": r"true|false",
    "core.symlinks": r"true|false",
    "core.trustctime": r"true|false",
    "core.checkstat": r"default|minimal",
    "core.autocrlf": r"true|false|input",
    "core.eol": r"lf|crlf|native",
    "extensions.objectformat": r"sha1|sha256",
    "extensions.refstorage": r"files|reftable",
}

_LINKS = ("refs", "packed-refs", "logs", "reftable")
_COPIES = ("HEAD", "FETCH_HEAD", "ORIG_HEAD", "MERGE_HEAD")


def quoted(value: str) -> bytes:
    """``value`` as git quotes it in its configuration and in ``objects/info/alternates``."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return os.fsencode(f'"{escaped}"')


def _configuration(settings: Mapping[str, str]) -> bytes:
    """The private configuration, with what is kept of the checkout's ``settings``."""
    lines = [_SETTINGS.encode()]
    version = 0
    for key, values in _KEPT.items():
        value = settings.get(key, "").lower()
        if re.fullmatch(values, value):
            section, name = key.split(".")
            version = max(version, int(section == "extensions"))
            lines.append(f"[{section}]\n\t{name} = {value}\n".encode())
    lines.append(f"[core]\n\trepositoryFormatVersion = {version}\n".encode())
    if url := settings.get("remote.origin.url"):
        lines.append(b'[remote "origin"]\n\turl = ' + quoted(url) + b"\n")
    return b"".join(lines)


def make_private(checkout: Checkout, target: Path, settings: Mapping[str, str]) -> None:
    """Create the private git directory ``target`` for ``checkout``.

    ``settings`` is the checkout's own configuration as data (last value of each key, keys in lower
    case but for subsections). The file is for this user's eyes only: a URL may hold a password.
    """
    for folder in ("objects/info", "objects/pack", "info"):
        (target / folder).mkdir(parents=True, mode=0o700)
    target.chmod(0o700)
    objects = quoted(str(checkout.common / "objects"))
    (target / "objects/info/alternates").write_bytes(objects + b"\n")
    (target / "config").write_bytes(_configuration(settings))
    (target / "info/attributes").write_text(_ATTRIBUTES, encoding="ascii")
    for name in _LINKS:
        if (checkout.common / name).exists():
            (target / name).symlink_to(checkout.common / name)
    if not (target / "refs").exists():
        (target / "refs").mkdir()
    for source in (checkout.common / "shallow", checkout.common / "info" / "exclude"):
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(source, target / source.relative_to(checkout.common))
    for name in _COPIES:
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(checkout.own / name, target / name)
