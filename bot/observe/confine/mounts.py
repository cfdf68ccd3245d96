"""A private view of the file system: folders that are empty but for what the child needs.

A Python under root's home (0700) cannot be executed by another user. Nobody's folders are chmodded
for that: the child gets a mount namespace of its own (``mount_namespaces(7)``) in which a closed
folder is an empty one, with only what the child needs bound back at its own path, read-only. It
needs root, and Docker's defaults forbid it.
"""

from __future__ import annotations

import os

from bot.observe.confine.kernel import mount, umount, unshare

_CLONE_NEWNS, _CLONE_NEWIPC, _CLONE_NEWNET = 0x00020000, 0x08000000, 0x40000000  # linux/sched.h
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _REMOUNT = 1, 2, 4, 8, 32  # linux/mount.h
_BIND, _MOVE, _REC, _PRIVATE = 1 << 12, 1 << 13, 1 << 14, 1 << 18
_HOLDING = ("/mnt", "/media", "/srv", "/opt", "/var/empty", "/tmp")  # noqa: S108 - covered by a mount that only the child sees
_EMPTY, _SCRATCH = "mode=0755,size=1m", "mode=1777,size=256m"
_OWN_PROC = (5, 8)  # before, options of one mount of proc were those of all (proc(5), hidepid)


def separate(*, network: bool) -> None:
    """A mount table of this process's own, and what else of the machine can be its own.

    System V's shared memory vanishes with it. Without ``network`` there is not even a loopback, and
    no abstract socket of anybody.

    Raises:
        OSError: this machine does not allow it.
    """
    unshare(_CLONE_NEWNS | _CLONE_NEWIPC | (0 if network else _CLONE_NEWNET))
    mount("none", "/", "", _REC | _PRIVATE)


def hide_processes() -> None:
    """Leave in /proc only the child's own processes; others' command lines may hold a password."""
    release = os.uname().release.partition("-")[0].split(".")
    if tuple(int(part) for part in release[:2] if part.isdecimal()) >= _OWN_PROC:
        mount("proc", "/proc", "proc", _NOSUID | _NODEV | _NOEXEC, "hidepid=2")


def empty(folders: list[str], scratch: list[str], readable: list[str], writable: list[str]) -> None:
    """Empty the folders but for what is needed, for this process and all that it starts.

    ``scratch`` are emptied too, and anybody may write there. Paths are absolute and exist. A needed
    path outside the emptied folders stays as it is.

    Raises:
        OSError: a mount is refused, or no folder is free to hold what is needed meanwhile.
    """
    covered = outermost([*folders, *scratch])
    inside = [
        path
        for path in outermost([*readable, *writable])
        if any(folder == path or _holds(folder, path) for folder in covered)
    ]
    holding = next(
        (
            spot
            for spot in _HOLDING
            if os.path.isdir(spot) and not any(_touches(spot, path) for path in [*covered, *inside])
        ),
        None,
    )
    if holding is None:
        raise OSError("no folder is free for mounts")
    _tmpfs(holding, _EMPTY)
    slots = [os.path.join(holding, str(number)) for number in range(len(inside))]
    for path, slot in zip(inside, slots, strict=True):
        _place(path, slot)
        mount(path, slot, "", _BIND | _REC)
    for folder in covered:
        _tmpfs(folder, _SCRATCH if folder in scratch else _EMPTY)
    for path, slot in zip(inside, slots, strict=True):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        _place(slot, path)
        mount(slot, path, "", _MOVE)
        if not any(_touches(path, other) for other in writable):
            mount("none", path, "", _REMOUNT | _BIND | _RDONLY)
    umount(holding)


def outermost(paths: list[str]) -> list[str]:
    """The paths without those that lie inside another of them, sorted."""
    unique = sorted(set(paths))
    return [path for path in unique if not any(_holds(other, path) for other in unique)]


def _holds(folder: str, path: str) -> bool:
    return folder != path and path.startswith(folder.rstrip("/") + "/")


def _touches(one: str, other: str) -> bool:
    return one == other or _holds(one, other) or _holds(other, one)


def _tmpfs(folder: str, options: str) -> None:
    mount("tmpfs", folder, "tmpfs", _NOSUID | _NODEV, options)


def _place(like: str, path: str) -> None:
    """A folder or a file to mount on, whichever the other one is."""
    if os.path.isdir(like):
        os.makedirs(path, exist_ok=True)
    elif not os.path.exists(path):
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))
