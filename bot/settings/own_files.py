"""A team's own policies in Python: the files of `.db-recheck/policies/` in a tree. Nothing runs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.facts import ConfigurationChange
from bot.projects.tree import TreeView, prefetch
from bot.settings.rules import PREFIX
from bot.settings.source import SettingsError

FOLDER = ".db-recheck/policies/"
MOST = 50  # files
LARGEST = 64 * 1024  # bytes of one
_FILE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*\.py")


@dataclass(frozen=True)
class OwnFile:
    """One of them with its text; its id is ``custom-<file name with dashes>``."""

    path: str
    text: str

    @property
    def id(self) -> str:
        """The policy's id."""
        return policy_id(self.path)


def policy_id(path: str) -> str:
    """The id that the file at the path has."""
    return PREFIX + path.removeprefix(FOLDER).removesuffix(".py").replace("_", "-")


def paths_of(view: TreeView) -> tuple[str, ...]:
    """The paths of the tree's own policies, sorted.

    Files that begin with an underscore and folders are left alone.
    """
    found = [path for path in view.paths if path.startswith(FOLDER) and path.endswith(".py")]
    names = [path.removeprefix(FOLDER) for path in found]
    return tuple(
        sorted(FOLDER + name for name in names if "/" not in name and not name.startswith("_"))
    )


def own_files(view: TreeView) -> tuple[OwnFile, ...]:
    """The tree's own policies.

    Raises:
        SettingsError: too many, too large, no UTF-8, or a name that makes no id.
    """
    paths = paths_of(view)
    if len(paths) > MOST:
        raise SettingsError(FOLDER, None, f"holds {len(paths)} policies; there may be {MOST}")
    prefetch(view, paths)
    found = []
    for path in paths:
        if not _FILE.fullmatch(path.removeprefix(FOLDER)):
            name = "a policy's file is named in small letters, digits and single underscores"
            raise SettingsError(path, None, name)
        data = view.read(path) or b""
        if len(data) > LARGEST:
            raise SettingsError(path, None, f"has {len(data)} bytes; a policy may have {LARGEST}")
        try:
            found.append(OwnFile(path, data.decode("utf-8")))
        except UnicodeDecodeError:
            raise SettingsError(path, None, "is not UTF-8") from None
    return tuple(found)


def own_changes(base: TreeView, head: TreeView, *, used: bool) -> tuple[ConfigurationChange, ...]:
    """What the change does to the policies: to alter or remove one lets more through.

    ``used``: base trusts the head, so head's are those that run.
    """
    prefetch(base, paths_of(base))
    prefetch(head, paths_of(head))
    before = {path: base.read(path) for path in paths_of(base)}
    after = {path: head.read(path) for path in paths_of(head)}
    return tuple(
        ConfigurationChange(
            path=path,
            line=1,
            key=policy_id(path),
            base="as on base" if path in before else None,
            head=("altered" if path in before else "new") if path in after else "removed",
            weakens=path in before,
            used=used,
        )
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    )
