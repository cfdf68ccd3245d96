"""Files in the runner's workspace, which a pull request filled: no link is followed.

A container action runs as root in a folder of the runner's user. What it leaves there belongs to
that user again, so that later steps and the next job can upload and delete it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

RESULTS = "db-recheck-report"
"""The folder of the outputs. Not hidden: actions/upload-artifact leaves hidden files out."""


class WorkspaceError(Exception):
    """The workspace cannot be used as asked; the message says why and what to do."""


class Workspace:
    """The folder that GITHUB_WORKSPACE names."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        try:
            self._owner = self.root.stat()
        except OSError as error:
            raise WorkspaceError(f"the workspace {root} cannot be read: {error.strerror}") from None

    def write(self, name: str, data: bytes) -> str:
        """Put a file into the folder of the outputs; its path relative to the workspace.

        Raises:
            WorkspaceError: the folder is a link, or nothing can be written.
        """
        try:
            folder = self._folder()
            try:
                self._put(folder, name, data)
            finally:
                os.close(folder)
        except OSError as error:
            raise WorkspaceError(
                f"{RESULTS}/{name} cannot be written in the workspace: {error.strerror}."
                f" Is there a file or link called {RESULTS} in the repository?"
            ) from None
        return f"{RESULTS}/{name}"

    def _folder(self) -> int:
        root = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            try:
                os.mkdir(RESULTS, 0o755, dir_fd=root)
                fresh = True
            except FileExistsError:
                fresh = False
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            folder = os.open(RESULTS, flags, dir_fd=root)
        finally:
            os.close(root)
        if fresh:
            self._own(folder)
        return folder

    def _put(self, folder: int, name: str, data: bytes) -> None:
        new = f".{name}.{secrets.token_hex(8)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(new, flags, 0o644, dir_fd=folder), "wb") as file:
            file.write(data)
            self._own(file.fileno())
        os.replace(new, name, src_dir_fd=folder, dst_dir_fd=folder)

    def _own(self, handle: int) -> None:
        if os.geteuid() == 0:
            os.fchown(handle, self._owner.st_uid, self._owner.st_gid)

    def path(self, name: str) -> Path:
        """A path that the workflow names, relative to the workspace."""
        return self.root / name

    def make_folder(self, path: Path) -> None:
        """Make a folder for the workspace's owner, with its parents.

        Raises:
            WorkspaceError: it cannot be made.
        """
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        try:
            for folder in reversed(missing):
                folder.mkdir()
                if os.geteuid() == 0:
                    os.chown(folder, self._owner.st_uid, self._owner.st_gid, follow_symlinks=False)
        except OSError as error:
            raise WorkspaceError(f"the folder {path} cannot be made: {error.strerror}") from None

    def give_back(self, folder: Path) -> None:
        """Make the workspace's owner the owner of all that lies in the folder."""
        if os.geteuid() != 0:
            return
        for top, names, files in os.walk(folder):  # links are not followed
            for name in (*names, *files):
                os.chown(
                    Path(top) / name,
                    self._owner.st_uid,
                    self._owner.st_gid,
                    follow_symlinks=False,
                )

    def matching(self, pattern: str) -> Iterator[Path]:
        """The files that a glob relative to the workspace names, sorted; links are left out.

        Raises:
            WorkspaceError: the glob is absolute or leaves the workspace.
        """
        if pattern.startswith("/") or ".." in Path(pattern).parts:
            raise WorkspaceError(
                f"input facts: {pattern!r} must be a path or glob inside the workspace"
            )
        for path in sorted(self.root.glob(pattern)):
            if path.is_file() and path.resolve() == path:
                yield path
